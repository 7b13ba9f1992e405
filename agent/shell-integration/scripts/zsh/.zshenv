# The first file of its own that a zsh of a terminal reads, since ZDOTDIR names this folder. Gives ZDOTDIR back at once, so
# that zsh reads all other files of the person by itself; then adds marks to an interactive shell.

# What the marks carry; no program of this terminal is to know it.
'builtin' 'typeset' -g __coder_nonce=${CODER_SHELL_NONCE-}
'builtin' 'unset' CODER_SHELL_NONCE

if [[ -n ${CODER_ZDOTDIR+given} ]]; then
  'builtin' 'export' ZDOTDIR="$CODER_ZDOTDIR"
  'builtin' 'unset' CODER_ZDOTDIR
else
  'builtin' 'unset' ZDOTDIR
fi

{
  [[ ! -r ${ZDOTDIR-${HOME-}}/.zshenv ]] || 'builtin' 'source' "${ZDOTDIR-${HOME-}}/.zshenv"
} always {
  if [[ -o interactive && ${CODER_SHELL_INTEGRATION-} != 0 ]]; then
    'builtin' 'source' "${${(%):-%x}:A:h}/coder.zsh"
  fi
}
