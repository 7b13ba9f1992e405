// `npm run dev`: prepares the checkout, then runs watch.mjs on the project's own Node.

import { runInForeground } from './child-process.mjs'
import { prepare } from './prepare.mjs'
import { runScript } from './progress.mjs'
import { inProject } from './project.mjs'

await runScript(async () => {
  const node = await prepare()
  process.exitCode = await runInForeground(node, [inProject('scripts/watch.mjs')])
})
