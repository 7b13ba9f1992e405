# Shell integration for PowerShell: emits the marks described in api/agents/agent-protocol.ts. Loaded after the user's profile.

# Nonce of the marks. Removed from the environment, so that programs in the terminal cannot read it.
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
    # In this function only: in strict mode, LASTEXITCODE is undefined until a program has run.
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
    # Restores the exit state of the command for the user's prompt.
    $Global:LASTEXITCODE = $Code
    if (-not $WasOk) { Write-Error 'as before' -ErrorAction Ignore }
    $Text = (& $Global:__Coder.Prompt) -join ''
    $Global:LASTEXITCODE = $Code
    "$Marks$Esc]133;A$Bel$Text$Esc]133;B$Bel"
}

# Without PSReadLine the start of a command is unknown.
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
