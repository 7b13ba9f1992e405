// `npm run bench`: prepares the checkout and runs bench/main.ts, which measures the programs in dist/.

import { runInForeground } from './child-process.mjs'
import { prepare } from './prepare.mjs'
import { runScript } from './progress.mjs'
import { inProject } from './project.mjs'

await runScript(async () => {
  const node = await prepare()
  process.exitCode = await runInForeground(node, [inProject('bench/main.ts'), ...process.argv.slice(2)])
})
