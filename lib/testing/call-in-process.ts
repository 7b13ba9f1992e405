// Calls a function in a new, small process. Starting a program takes time in proportion to the memory of the process that
// starts it (on Linux 2 ms from an empty one, 20 ms at 200 MB), because fork copies the page tables. A test that starts
// hundreds of programs does it there.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Call {
  readonly module: string
  readonly name: string
  readonly args: readonly unknown[]
}

export type Answer = { readonly result: unknown } | { readonly error: string }

/**
 * @param called a function that `module` exports under its name; its arguments and result are copied
 * @throws if the function throws or the process ends, with the message and stack of there
 */
export async function callInProcess<Args extends unknown[], Result>(
  module: URL,
  called: (...args: Args) => Result,
  ...args: Args
): Promise<Awaited<Result>> {
  const child = fork(fileURLToPath(new URL('./called-process.ts', import.meta.url)), {
    execArgv: [],
    serialization: 'advanced',
  })
  try {
    child.send({ module: module.href, name: called.name, args } satisfies Call)
    const answer = await Promise.race([
      once(child, 'message').then(([message]) => message as Answer),
      once(child, 'exit').then(([code, signal]): Answer => ({ error: `The process ended: ${code ?? signal}.` })),
    ])
    if ('error' in answer) throw new Error(answer.error)
    return answer.result as Awaited<Result>
  } finally {
    child.kill()
  }
}
