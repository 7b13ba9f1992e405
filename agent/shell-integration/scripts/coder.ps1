# Marks of commands for PowerShell, as api/agent-protocol.ts describes them. Read after the person's profile.

# What the marks carry; no program of this terminal is to know it.
$Nonce = $env:CODER_SHELL_NONCE
Remove-Item env:CODER_SHELL_NONCE -ErrorAction Ignore

if ($env:CODER_SHELL_INTEGRATION -eq '0' -or (Test-Path variable:global:__Coder)) { return }

$Global:__Coder = @{
    Prompt   = $function:prompt
    ReadLine = $null
    Runs     = $false
    Nonce    = $Nonce
}

function Global:__Coder-Now { [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds() }

function Global:__Coder-Escape([string] $Text) {
    if ($Text.Length -gt 4000) { $Text = $Text.Substring(0, 4000) }
    [regex]::Replace($Text, '[\\;\x00-\x1f\x7f\x9c]', {
            param($Found)
            if ($Found.Value -eq '\') { '\\' } else { '\x{0:x2}' -f [int][char] $Found.Value }
        })
}

function Global:prompt {
    $WasOk = $?
    # In this function only: whoever is strict has no LASTEXITCODE until a program has run.
    Set-StrictMode -Off
    $Code = $Global:LASTEXITCODE
    $Esc, $Bel = [char] 27, [char] 7
    $Marks = ''
    if ($Global:__Coder.Runs) {
        $Exit = if ($WasOk) { 0 } elseif ($Code) { $Code } else { 1 }
        $Marks = "$Esc]133;D;$Exit;end_ms=$(__Coder-Now);nonce=$($Global:__Coder.Nonce)$Bel"
        $Global:__Coder.Runs = $false
    }
    $Here = $ExecutionContext.SessionState.Path.CurrentLocation
    if ($Here.Provider.Name -eq 'FileSystem') {
        $Path = ($Here.ProviderPath.Replace('\', '/').Split('/') | ForEach-Object { [Uri]::EscapeDataString($_) }) -join '/'
        if (-not $Path.StartsWith('/')) { $Path = "/$Path" }
        $Marks += "$Esc]7;file://$([Environment]::MachineName)$Path$Bel"
    }
    # The person's prompt is to see how the command ended.
    $Global:LASTEXITCODE = $Code
    if (-not $WasOk) { Write-Error 'as before' -ErrorAction Ignore }
    $Text = (& $Global:__Coder.Prompt) -join ''
    $Global:LASTEXITCODE = $Code
    "$Marks$Esc]133;A$Bel$Text$Esc]133;B$Bel"
}

# Without PSReadLine nobody says that a command begins.
if (Test-Path function:PSConsoleHostReadLine) {
    $Global:__Coder.ReadLine = $function:PSConsoleHostReadLine
    function Global:PSConsoleHostReadLine {
        $Line = & $Global:__Coder.ReadLine
        if (-not [string]::IsNullOrWhiteSpace($Line)) {
            $Global:__Coder.Runs = $true
            $Esc, $Bel = [char] 27, [char] 7
            [Console]::Write("$Esc]633;E;$(__Coder-Escape $Line);nonce=$($Global:__Coder.Nonce)$Bel$Esc]133;C;start_ms=$(__Coder-Now);nonce=$($Global:__Coder.Nonce)$Bel")
        }
        $Line
    }
}
