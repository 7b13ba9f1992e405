// `npm start`: prepares the checkout, then hands over to the command line's `open` on the project's own Node. What to
// open (window, browser, nothing) and all settings are its business: our arguments go through untouched.

import { runInForeground } from './child-process.mjs'
import { prepare } from './prepare.mjs'
import { runScript } from './progress.mjs'
import { inProject } from './project.mjs'

await runScript(async () => {
  const node = await prepare()
  process.exitCode = await runInForeground(node, [inProject('dist/cli/coder.js'), 'desktop', ...process.argv.slice(2)])
})
