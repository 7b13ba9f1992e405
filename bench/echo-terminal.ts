// A terminal whose program echoes each byte immediately, so that only the path and one program are measured.

import { type CountingTerminal, openCounting, type Transport } from './counting-terminal.ts'
import type { Fixture } from './fixture.ts'

export async function openEchoing(transport: Transport, fixture: Fixture): Promise<CountingTerminal> {
  const ready = Promise.withResolvers<void>()
  let text = ''
  const terminal = await openCounting(transport, fixture, 'stty raw -echo; printf ready; exec cat', (bytes) => {
    text += bytes
    if (text.includes('ready')) ready.resolve()
  })
  await ready.promise
  return terminal
}

/** The milliseconds from a keystroke to its echo. */
export function echoOne(terminal: CountingTerminal): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    terminal.onOutput = () => resolve(performance.now() - startedAt)
    terminal.type('x')
  })
}
