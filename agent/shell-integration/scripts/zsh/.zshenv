# The first start-up file of zsh in a terminal, because ZDOTDIR is set to this folder. Restores ZDOTDIR immediately, so that
# zsh reads the user's other files itself; then adds marks to an interactive shell.

# Nonce of the marks. Removed from the environment, so that programs in the terminal cannot read it.
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
