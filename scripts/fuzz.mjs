// `npm run fuzz`: prepares the checkout and runs the parser fuzzer terraform/fuzz/main.ts on the project's own Node.

import { runInForeground } from './child-process.mjs'
import { prepare } from './prepare.mjs'
import { runScript } from './progress.mjs'
import { inProject } from './project.mjs'

await runScript(async () => {
  const node = await prepare()
  process.exitCode = await runInForeground(node, [inProject('terraform/fuzz/main.ts'), ...process.argv.slice(2)])
})
