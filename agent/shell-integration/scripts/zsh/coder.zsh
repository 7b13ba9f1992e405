# Shell integration for zsh: emits the marks described in api/agents/agent-protocol.ts. Does not fork. Starts at the first
# prompt, after the user's files have set up theirs.

'builtin' 'zmodload' zsh/datetime 2>/dev/null

'builtin' 'typeset' -g __coder_a=$'%{\e]133;A\a%}' __coder_b=$'%{\e]133;B\a%}'
'builtin' 'typeset' -g __coder_ps1= __coder_runs= __coder_status= __coder_ended= __coder_folder= __coder_address=

# Sets __coder_ms to the epoch time in milliseconds; empty when zsh/datetime is not available.
__coder_now() {
  'builtin' 'emulate' -L zsh
  'builtin' 'typeset' -g __coder_ms=
  [[ -z ${EPOCHREALTIME-} ]] || __coder_ms=${$((EPOCHREALTIME * 1000))%%.*}
}

# First precmd function: saves the exit code and the end time of the command.
__coder_before() {
  __coder_status=$?
  'builtin' 'emulate' -L zsh
  __coder_now
  __coder_ended=$__coder_ms
}

# Last precmd function: emits the end mark and the folder, and adds the prompt marks again if the prompt was rebuilt.
__coder_after() {
  'builtin' 'local' status_=$? marks= may_mark=
  [[ ! -o prompt_percent ]] || may_mark=1
  'builtin' 'emulate' -L zsh
  if [[ -n $__coder_runs ]]; then
    marks=$'\e]133;D;'${__coder_status:-$status_}${__coder_ended:+;end_ms=$__coder_ended}';nonce='$__coder_nonce$'\a'
  fi
  __coder_status= __coder_ended= __coder_runs=
  [[ $PWD == $__coder_folder ]] || __coder_note_folder
  'builtin' 'print' -rn -- "$marks"$'\e]7;'"$__coder_address"$'\a' 2>/dev/null >${TTY:-/dev/tty}
  if [[ -z $may_mark ]]; then
    PS1=${${PS1-}//($__coder_a|$__coder_b)/}
  elif [[ -n ${PS1-} && $PS1 != $__coder_ps1 ]]; then
    PS1=$__coder_a${PS1//($__coder_a|$__coder_b)/}$__coder_b
    __coder_ps1=$PS1
  fi
  __coder_hook
}

# preexec function: emits the command line and the start mark.
__coder_begin() {
  'builtin' 'emulate' -L zsh -o extended_glob
  'builtin' 'local' text=${1[1,4000]} marks= character code end=
  __coder_runs=1
  __coder_hook
  if [[ -n $text ]]; then
    text=${text//\\/\\\\}
    text=${text//;/\\x3b}
    text=${text//$'\xc2\x9c'/\\x9c}
    if [[ $text == *[[:cntrl:]]* ]]; then
      for code in 0{1..9} 0{a,b,c,d,e,f} 1{0..9} 1{a,b,c,d,e,f} 7f; do
        'builtin' 'printf' -v character "\\x$code"
        text=${text//$character/\\x$code}
      done
    fi
    marks=$'\e]633;E;'$text';nonce='$__coder_nonce$'\a'
  fi
  # A program that replaces this shell has no end mark of its own. `exec` with a redirection only does not replace it.
  if [[ $3 == exec[[:blank:]]##[^[:blank:]0-9\<\>\&\|\;\{\(]* ]]; then
    end=$'\e]133;D;;nonce='$__coder_nonce$'\a'
  fi
  __coder_now
  'builtin' 'print' -rn -- "$marks"$'\e]133;C'${__coder_ms:+;start_ms=$__coder_ms}';nonce='$__coder_nonce$'\a'"$end" 2>/dev/null >${TTY:-/dev/tty}
}

# Sets __coder_address to the file URL of the folder.
__coder_note_folder() {
  'builtin' 'emulate' -L zsh -o no_multibyte
  'builtin' 'local' path_=$PWD encoded= character
  __coder_folder=$PWD
  if [[ $path_ == *[^a-zA-Z0-9/._~-]* ]]; then
    for character in ${(s::)path_}; do
      [[ $character == [a-zA-Z0-9/._~-] ]] || 'builtin' 'printf' -v character '%%%02X' "'$character"
      encoded+=$character
    done
    path_=$encoded
  fi
  __coder_address=file://${HOST-}$path_
}

# Moves the two precmd functions to the start and the end of the list again.
__coder_hook() {
  'builtin' 'emulate' -L zsh
  'builtin' 'typeset' -ga precmd_functions preexec_functions
  if [[ ${precmd_functions[1]-} != __coder_before || ${precmd_functions[-1]-} != __coder_after ]]; then
    precmd_functions=(__coder_before ${precmd_functions:#__coder_(before|after|first)} __coder_after)
  fi
  (( ${preexec_functions[(I)__coder_begin]} )) || preexec_functions+=(__coder_begin)
}

# precmd function of the first prompt. A later function may rebuild that prompt without marks, so its start is marked here.
__coder_first() {
  __coder_hook
  __coder_after
  'builtin' 'print' -rn -- $'\e]133;A\a' 2>/dev/null >${TTY:-/dev/tty}
}
'builtin' 'typeset' -ga precmd_functions preexec_functions
precmd_functions+=(__coder_first)
# If the user's files replace one of the two lists, the other one still installs the hooks.
preexec_functions+=(__coder_begin)
