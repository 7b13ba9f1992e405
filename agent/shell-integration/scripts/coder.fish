# Marks of commands for fish, as api/agent-protocol.ts describes them. Forks nothing; fish has no clock of its own, so the
# reader's counts.

# What the marks carry; no program of this terminal is to know it.
set -g __coder_nonce "$CODER_SHELL_NONCE"
set -e CODER_SHELL_NONCE

if status is-interactive; and test "$CODER_SHELL_INTEGRATION" != 0; and not functions -q __coder_prompt
    function __coder_begin --on-event fish_preexec
        set -l text (string sub -l 4000 -- $argv[1] | string replace -a '\\' '\\\\' | string replace -a ';' '\\x3b')
        set text (string join '\\x0a' -- $text | string replace -a \t '\\x09' | string replace -a \e '\\x1b' \
            | string replace -ar '[[:cntrl:]]' '')
        test -z "$text"; or printf '\e]633;E;%s;nonce=%s\a' $text "$__coder_nonce"
        printf '\e]133;C;nonce=%s\a' "$__coder_nonce"
        # Of what takes this shell's place nobody tells when it ends; what begins as these only redirects.
        string match -qr '^\s*exec\s+[^\s\d<>&|;({]' -- $argv[1]
        and printf '\e]133;D;;nonce=%s\a' "$__coder_nonce"
    end

    function __coder_end --on-event fish_postexec
        printf '\e]133;D;%s;nonce=%s\a' $status "$__coder_nonce"
    end

    function __coder_before_prompt --on-event fish_prompt
        printf '\e]7;file://%s%s\a\e]133;A\a' $hostname (string escape --style=url -- $PWD)
        # Whoever defines another prompt gets the mark with it.
        functions fish_prompt | string match -q '*__coder_prompt*'; or __coder_wrap
    end

    function __coder_wrap
        functions -e __coder_prompt
        functions -c fish_prompt __coder_prompt
        function fish_prompt
            __coder_prompt
            printf '\e]133;B\a'
        end
    end
    __coder_wrap
end
