// The process of call-in-process.ts: calls one function, sends its result and exits.

import { inspect } from 'node:util'
import type { Answer, Call } from './call-in-process.ts'

process.once('message', async ({ module, name, args }: Call) => {
  process.send?.(await call(module, name, args), () => process.disconnect())
})

async function call(module: string, name: string, args: readonly unknown[]): Promise<Answer> {
  try {
    const exported = (await import(module)) as Record<string, (...args: readonly unknown[]) => unknown>
    return { result: await exported[name]?.(...args) }
  } catch (error) {
    return { error: inspect(error) }
  }
}
