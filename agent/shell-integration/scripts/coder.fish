# Shell integration for fish: emits the marks described in api/agents/agent-protocol.ts. Does not fork. fish has no
# built-in clock, so marks carry no times and the agent adds them.

# Nonce of the marks. Removed from the environment, so that programs in the terminal cannot read it.
set -g __coder_nonce "$CODER_SHELL_NONCE"
set -e CODER_SHELL_NONCE

if status is-interactive; and test "$CODER_SHELL_INTEGRATION" != 0; and not functions -q __coder_prompt
    function __coder_begin --on-event fish_preexec
        set -l text (string sub -l 4000 -- $argv[1] | string replace -a '\\' '\\\\' | string replace -a ';' '\\x3b')
        set text (string join '\\x0a' -- $text | string replace -a \t '\\x09' | string replace -a \e '\\x1b' \
            | string replace -ar '[[:cntrl:]]' '')
        test -z "$text"; or printf '\e]633;E;%s;nonce=%s\a' $text "$__coder_nonce"
        printf '\e]133;C;nonce=%s\a' "$__coder_nonce"
        # A program that replaces this shell has no end mark of its own. `exec` with a redirection only does not replace it.
        string match -qr '^\s*exec\s+[^\s\d<>&|;({]' -- $argv[1]
        and printf '\e]133;D;;nonce=%s\a' "$__coder_nonce"
    end

    function __coder_end --on-event fish_postexec
        printf '\e]133;D;%s;nonce=%s\a' $status "$__coder_nonce"
    end

    function __coder_before_prompt --on-event fish_prompt
        printf '\e]7;file://%s%s\a\e]133;A\a' $hostname (string escape --style=url -- $PWD)
        # The prompt may have been redefined: wraps it again.
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
