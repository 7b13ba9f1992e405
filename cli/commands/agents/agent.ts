// `coder agent`: runs the workspace agent in this process.

import { loadAgent } from '../../launch/entrypoints.ts'

export async function agent(args: readonly string[]): Promise<void> {
  await (await loadAgent()).runAgent(args)
}
