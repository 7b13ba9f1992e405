import headless from '@xterm/headless'
import { expect, test } from 'vitest'
import { loadGraphemes } from './graphemes.ts'

/** Starts a new pool of small buffers, with zeros at its start. */
function startPool(): void {
  for (;;) {
    const small = Buffer.allocUnsafe(1024)
    if (small.byteOffset > 0) continue
    small.fill(0)
    return
  }
}

test('the character table is loaded outside of the buffer pool, and the pool size is restored', async () => {
  const { poolSize } = Buffer
  startPool()
  const [Addon, again] = await Promise.all([loadGraphemes(), loadGraphemes()])
  expect(again).toBe(Addon)
  expect(Buffer.poolSize).toBe(poolSize)
  const terminal = new headless.Terminal({ allowProposedApi: true })
  terminal.loadAddon(new Addon() as unknown as Parameters<typeof terminal.loadAddon>[0])
  await new Promise<void>((resolve) => terminal.write('👩‍💻日e\u0301|', resolve))
  expect(terminal.buffer.active.cursorX).toBe(6)
  terminal.dispose()
})
