import headless from '@xterm/headless'
import { expect, test } from 'vitest'
import { loadGraphemes } from './graphemes.ts'

/** Begins a new pool of small buffers, and has zeros stand at its head. */
function beginPool(): void {
  for (;;) {
    const small = Buffer.allocUnsafe(1024)
    if (small.byteOffset > 0) continue
    small.fill(0)
    return
  }
}

test('the table of characters is read wherever the pool of small buffers stands, and the pool stays', async () => {
  const { poolSize } = Buffer
  beginPool()
  const [Addon, again] = await Promise.all([loadGraphemes(), loadGraphemes()])
  expect(again).toBe(Addon)
  expect(Buffer.poolSize).toBe(poolSize)
  const terminal = new headless.Terminal({ allowProposedApi: true })
  terminal.loadAddon(new Addon() as unknown as Parameters<typeof terminal.loadAddon>[0])
  await new Promise<void>((resolve) => terminal.write('👩‍💻日e\u0301|', resolve))
  expect(terminal.buffer.active.cursorX).toBe(6)
  terminal.dispose()
})
