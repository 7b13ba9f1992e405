// Runs of signs that a font may draw as one: `=>`, `!==`, `-->`. A font without ligatures draws them as they are.

import type { IDisposable, Terminal } from '@xterm/xterm'

const signs = /[!#$%&*+\-./:<=>?@\\^|~]{2,6}/g

export function joinLigatures(terminal: Terminal): IDisposable {
  const joiner = terminal.registerCharacterJoiner((text) =>
    [...text.matchAll(signs)].map(({ index, 0: run }): [number, number] => [index, index + run.length]),
  )
  return { dispose: () => terminal.deregisterCharacterJoiner(joiner) }
}
