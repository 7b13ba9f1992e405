# Shell integration for bash, used as --rcfile: loads the files of a login shell, then emits the marks described in
# api/agents/agent-protocol.ts. Exports nothing, so nested shells are not affected.
#
# Does not fork at a prompt. Before a command, bash older than 5.3 forks twice to read the line from the history. Uses no
# DEBUG trap, because the user may have one.

# Nonce of the marks. Removed from the environment, so that programs in the terminal cannot read it.
__coder_nonce=${CODER_SHELL_NONCE-}
unset CODER_SHELL_NONCE

# ── A login shell ────────────────────────────────────────────────────────────────────────────────────────────────────

logout() { builtin exit "$@"; }
__coder_logout() {
  [ ! -r ~/.bash_logout ] || . ~/.bash_logout
}
trap __coder_logout EXIT

[ ! -r /etc/profile ] || . /etc/profile
if [ -r ~/.bash_profile ]; then
  . ~/.bash_profile
elif [ -r ~/.bash_login ]; then
  . ~/.bash_login
elif [ -r ~/.profile ]; then
  . ~/.profile
fi

# ── Marks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

# Disables alias expansion until the end of this file.
__coder_aliases=
if \builtin shopt -q expand_aliases; then
  __coder_aliases=1
  \builtin shopt -u expand_aliases
fi

# PS0, printed before each command, exists since 4.4; PROMPT_COMMAND can be an array since 5.1; `${ …; }`, which runs a
# function without a fork, exists since 5.3.
__coder_version=$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))
if [[ ${CODER_SHELL_INTEGRATION-} != 0 ]] && ((__coder_version >= 404)); then

  __coder_a='\[\e]133;A\a\]'
  __coder_b='\[\e]133;B\a\]'
  # In variables: a DEBUG trap that prints $BASH_COMMAND would otherwise print these escape sequences.
  builtin printf -v __coder_end '\e]133;D;'
  builtin printf -v __coder_at '\e]7;'
  builtin printf -v __coder_bel '\a'
  # The empty substring's arithmetic offset sets __coder_runs in this process, not in a subshell.
  __coder_ps0='${BASH:$((__coder_runs=1)):0}$({ __coder_untrap; } >/dev/null 2>&1; { __coder_begin; } 2>/dev/null)'
  ((__coder_version < 503)) || __coder_ps0='${BASH:$((__coder_runs=1)):0}${ { __coder_begin; } 2>/dev/null; }'
  # Redirected, so that `set -x` does not trace them.
  __coder_first='{ __coder_before; } 2>/dev/null'
  __coder_last='{ __coder_after; } 2>/dev/null'
  __coder_ps1=
  __coder_runs=
  __coder_next=0
  __coder_folder=
  __coder_address=

  # Sets __coder_ms to the epoch time in milliseconds.
  __coder_now() {
    if [[ -n ${EPOCHREALTIME-} ]]; then
      __coder_ms=${EPOCHREALTIME//[!0-9]/}
      __coder_ms=${__coder_ms%???}
    else
      builtin printf -v __coder_ms '%(%s)T000' -1
    fi
  }

  # First prompt command: saves the exit code and the end time of the command.
  __coder_before() {
    builtin local status="$?"
    : "${__coder_status:=$status}"
    if [[ -z ${__coder_ended-} ]]; then
      __coder_now
      __coder_ended=$__coder_ms
    fi
    # In a string of commands, the next one must see the exit code too; in an array bash restores it.
    if ((__coder_version < 501)) && [[ $- != *e* ]]; then
      builtin return "$status"
    fi
    builtin return 0
  }

  # Last prompt command: emits the end mark and the folder, and adds the prompt marks again if the prompt was rebuilt.
  __coder_after() {
    builtin local status="${__coder_status:-$?}" marks= plain
    if [[ -n $__coder_runs ]]; then
      [[ -n ${__coder_ended-} ]] || { __coder_now; __coder_ended=$__coder_ms; }
      marks=$__coder_end$status';end_ms='$__coder_ended';nonce='$__coder_nonce$__coder_bel
    fi
    __coder_status= __coder_ended= __coder_runs=
    [[ $PWD == "$__coder_folder" ]] || __coder_note_folder
    builtin printf '%s' "$marks$__coder_at$__coder_address$__coder_bel" 2>/dev/null >/dev/tty
    if [[ -n ${PS1-} && $PS1 != "$__coder_ps1" ]]; then
      plain=${PS1//"$__coder_a"/}
      PS1=$__coder_a${plain//"$__coder_b"/}$__coder_b
      __coder_ps1=$PS1
    fi
    if ! builtin shopt -q promptvars; then
      plain=${PS0-}
      PS0=${plain//"$__coder_ps0"/}
    elif [[ ${PS0-} != *"$__coder_ps0"* ]]; then
      PS0=$__coder_ps0${PS0-}
    fi
    __coder_next=${HISTCMD-0}
    __coder_hook
    builtin return 0
  }

  # Sets __coder_address to the file URL of the folder.
  __coder_note_folder() {
    builtin local LC_ALL=C path="$PWD" at character encoded=
    __coder_folder=$PWD
    if [[ $path == *[!a-zA-Z0-9/._~-]* ]]; then
      for ((at = 0; at < ${#path}; at++)); do
        character=${path:at:1}
        [[ $character == [a-zA-Z0-9/._~-] ]] || builtin printf -v character '%%%02X' "'$character"
        # printf treats bytes above 127 as negative numbers.
        encoded+=${character/#%FFFFFFFFFFFFFF/%}
      done
      path=$encoded
    fi
    __coder_address=file://${HOSTNAME-}$path
  }

  # Called in command substitutions, whose output must not include that of an inherited DEBUG trap.
  __coder_untrap() {
    builtin trap - DEBUG
  }

  # Emits the command line and the start mark. A line missing from the history is not reported, unless it may repeat the last
  # line: then it has the flag `r`, and the agent checks the screen for a leading blank.
  __coder_begin() {
    builtin local text= number= repeated= character code line first end=
    if [[ -o history ]]; then
      text=$({ __coder_untrap; } >/dev/null 2>&1; HISTTIMEFORMAT= \builtin history 1)
      text=${text#"${text%%[! ]*}"}
      number=${text%%[!0-9]*}
      # Removes the number, a blank or star, and a blank.
      text=${text:${#number}+2}
      if ((${HISTCMD-0} <= __coder_next)); then
        case :${HISTCONTROL-}: in
          *:ignoreboth:* | *:ignoredups:* | *:erasedups:*) repeated=';r' ;;
          *) text= ;;
        esac
        [[ -z ${HISTIGNORE-} ]] || text=
      fi
    fi
    if [[ -n $text ]]; then
      line=$text first=${text%%[[:space:]]*}
      [[ $first == *[!a-zA-Z0-9_.-]* || -z ${BASH_ALIASES[$first]-} ]] || line=${BASH_ALIASES[$first]}${text#"$first"}
      if [[ -z $repeated && $line == exec[[:space:]]* ]]; then
        line=${line#exec}
        line=${line#"${line%%[![:space:]]*}"}
        # `exec` with a redirection only does not replace the shell.
        [[ -z $line || $line == [0-9\<\>\&\|\;\{\(]* ]] || end=1
      fi
      text=${text:0:4000}
      character='\\'
      text=${text//'\'/"$character"}
      character='\x3b'
      text=${text//;/"$character"}
      character='\x9c'
      text=${text//$'\xc2\x9c'/"$character"}
      if [[ $text == *[[:cntrl:]]* ]]; then
        for code in 0{1..9} 0{a..f} 1{0..9} 1{a..f} 7f; do
          builtin printf -v character "\\x$code"
          text=${text//"$character"/"\\x$code"}
        done
      fi
      builtin printf '\e]633;E;%s%s;nonce=%s\a' "$text" "$repeated" "$__coder_nonce"
    fi
    __coder_now
    builtin printf '\e]133;C;start_ms=%s;nonce=%s\a' "$__coder_ms" "$__coder_nonce"
    # A program that replaces this shell has no end mark of its own.
    [[ -z $end ]] || builtin printf '\e]133;D;;nonce=%s\a' "$__coder_nonce"
  }

  # Moves the two prompt commands to the start and the end again. With a read-only PROMPT_COMMAND there are no marks.
  __coder_hook() {
    [[ -z ${PROMPT_COMMAND+given} || ${PROMPT_COMMAND@a} != *r* ]] || builtin return 0
    if ((__coder_version < 501)); then
      [[ ${PROMPT_COMMAND-} == *"$__coder_last" ]] ||
        PROMPT_COMMAND="$__coder_first;${PROMPT_COMMAND:-:}"$'\n'"$__coder_last"
      builtin return 0
    fi
    [[ ${PROMPT_COMMAND[0]-} != "$__coder_first" || ${PROMPT_COMMAND[*]: -1} != "$__coder_last" ]] || builtin return 0
    builtin local one others
    others=()
    for one in ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"}; do
      [[ -z $one || $one == "$__coder_first" || $one == "$__coder_last" ]] || others+=("$one")
    done
    # Assigned as a string, which replaced element 0 only: the other elements were meant to be replaced too.
    if [[ ${#__coder_others[@]} -gt 0 && ${PROMPT_COMMAND[0]-} != *"$__coder_first"* &&
      "${others[*]:1}" == "${__coder_others[*]}" ]]; then
      others=("${others[0]}")
    fi
    __coder_others=(${others[@]+"${others[@]}"})
    builtin unset PROMPT_COMMAND
    PROMPT_COMMAND=("$__coder_first" ${others[@]+"${others[@]}"} "$__coder_last")
  }
  __coder_others=()
  __coder_hook
fi

[[ -z $__coder_aliases ]] || builtin shopt -s expand_aliases
\builtin unset __coder_aliases
