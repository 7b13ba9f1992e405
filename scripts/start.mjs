// `npm start`: prepares the checkout, then runs `coder open` on the project's own Node. All arguments are passed on
// unchanged; `coder open` decides what to open (window, browser, nothing).

import { runInForeground } from './child-process.mjs'
import { prepare } from './prepare.mjs'
import { runScript } from './progress.mjs'
import { inProject } from './project.mjs'

await runScript(async () => {
  const node = await prepare()
  process.exitCode = await runInForeground(node, [inProject('dist/cli/coder.js'), 'desktop', ...process.argv.slice(2)])
})
