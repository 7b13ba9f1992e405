# What an interactive bash of a terminal reads (--rcfile): first what a login shell reads, then marks of its commands, as
# api/agent-protocol.ts describes them. Nothing is exported, so shells inside this one are as they always were.
#
# At a prompt nothing is forked. When a command line begins, bash before 5.3 forks twice to read it from the history; no
# trap is used for it, since DEBUG traps are the person's.

# What the marks carry; no program of this terminal is to know it.
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

# From here on words mean what bash means by them, whatever aliases there are.
__coder_aliases=
if \builtin shopt -q expand_aliases; then
  __coder_aliases=1
  \builtin shopt -u expand_aliases
fi

# PS0, which says that a command begins, came with 4.4; PROMPT_COMMAND may be a list since 5.1; `${ …; }`, which runs a
# function without forking, came with 5.3.
__coder_version=$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))
if [[ ${CODER_SHELL_INTEGRATION-} != 0 ]] && ((__coder_version >= 404)); then

  __coder_a='\[\e]133;A\a\]'
  __coder_b='\[\e]133;B\a\]'
  # By name: a DEBUG trap that shows what runs shows what a command was read as, with its escapes.
  builtin printf -v __coder_end '\e]133;D;'
  builtin printf -v __coder_at '\e]7;'
  builtin printf -v __coder_bel '\a'
  # The substring is empty; counting its place notes, in this very process, that a command begins.
  __coder_ps0='${BASH:$((__coder_runs=1)):0}$({ __coder_untrap; } >/dev/null 2>&1; { __coder_begin; } 2>/dev/null)'
  ((__coder_version < 503)) || __coder_ps0='${BASH:$((__coder_runs=1)):0}${ { __coder_begin; } 2>/dev/null; }'
  # What they do is nothing that `set -x` is to show.
  __coder_first='{ __coder_before; } 2>/dev/null'
  __coder_last='{ __coder_after; } 2>/dev/null'
  __coder_ps1=
  __coder_runs=
  __coder_next=0
  __coder_folder=
  __coder_address=

  # Milliseconds since 1970, into __coder_ms.
  __coder_now() {
    if [[ -n ${EPOCHREALTIME-} ]]; then
      __coder_ms=${EPOCHREALTIME//[!0-9]/}
      __coder_ms=${__coder_ms%???}
    else
      builtin printf -v __coder_ms '%(%s)T000' -1
    fi
  }

  # Before everything else that happens at a prompt: how the command ended, and when.
  __coder_before() {
    builtin local status="$?"
    : "${__coder_status:=$status}"
    if [[ -z ${__coder_ended-} ]]; then
      __coder_now
      __coder_ended=$__coder_ms
    fi
    # Whoever comes next in one string of commands wants to know how the command ended too; in a list bash sees to it.
    if ((__coder_version < 501)) && [[ $- != *e* ]]; then
      builtin return "$status"
    fi
    builtin return 0
  }

  # After everything else: prompts may have been made anew.
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

  # The folder as an address, into __coder_address.
  __coder_note_folder() {
    builtin local LC_ALL=C path="$PWD" at character encoded=
    __coder_folder=$PWD
    if [[ $path == *[!a-zA-Z0-9/._~-]* ]]; then
      for ((at = 0; at < ${#path}; at++)); do
        character=${path:at:1}
        [[ $character == [a-zA-Z0-9/._~-] ]] || builtin printf -v character '%%%02X' "'$character"
        # Bytes above 127 come out as negative numbers.
        encoded+=${character/#%FFFFFFFFFFFFFF/%}
      done
      path=$encoded
    fi
    __coder_address=file://${HOSTNAME-}$path
  }

  # In a substitution, which may have inherited a DEBUG trap: what that prints is none of it.
  __coder_untrap() {
    builtin trap - DEBUG
  }

  # Prints which command line begins, and when. What the history did not take is not told, unless it may be the last line
  # once more: then `r` says so, and the screen tells whether a blank was typed first.
  __coder_begin() {
    builtin local text= number= repeated= character code line first end=
    if [[ -o history ]]; then
      text=$({ __coder_untrap; } >/dev/null 2>&1; HISTTIMEFORMAT= \builtin history 1)
      text=${text#"${text%%[! ]*}"}
      number=${text%%[!0-9]*}
      # A number, a blank or a star, a blank.
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
        # What begins as these only redirects.
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
    # Of what takes this shell's place nobody tells when it ends.
    [[ -z $end ]] || builtin printf '\e]133;D;;nonce=%s\a' "$__coder_nonce"
  }

  # Keeps the two first and last, wherever others put theirs; where nobody may, there are no marks.
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
    # Assigned as if it were no list: what was there before is meant to go.
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
