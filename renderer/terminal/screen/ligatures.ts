// Joins runs of symbols that a font may draw as one ligature: `=>`, `!==`, `-->`. Other fonts draw the characters.

import type { IDisposable, Terminal } from '@xterm/xterm'

const symbolRuns = /[!#$%&*+\-./:<=>?@\\^|~]{2,6}/g

export function joinLigatures(terminal: Terminal): IDisposable {
  const joiner = terminal.registerCharacterJoiner((text) =>
    [...text.matchAll(symbolRuns)].map(({ index, 0: run }): [number, number] => [index, index + run.length]),
  )
  return { dispose: () => terminal.deregisterCharacterJoiner(joiner) }
}
