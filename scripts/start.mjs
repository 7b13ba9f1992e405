// `npm start`: prepares the checkout, then runs `coder desktop` on the project's own Node. Passes all arguments on;
// `coder desktop` decides whether to open a window, a browser or neither.

import { runInForeground } from './child-process.mjs'
import { prepare } from './prepare.mjs'
import { runScript } from './progress.mjs'
import { inProject } from './project.mjs'

await runScript(async () => {
  const node = await prepare()
  process.exitCode = await runInForeground(node, [inProject('dist/cli/coder.js'), 'desktop', ...process.argv.slice(2)])
})
