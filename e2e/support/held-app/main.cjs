// The application of the folder that is the next argument, held until Playwright is attached: it opens no window before.
// Playwright holds only an Electron that it has found by itself; one whose path it is given runs on meanwhile, and a
// window that goes from one page to another while Playwright attaches to it is never reported: the launch hangs.

const { app } = require('electron')

const ready = app.whenReady()
const attached = new Promise((resolve) => {
  // Called by Playwright as the last step of its launch.
  globalThis.__playwright_run = resolve
})
app.whenReady = () => attached.then(() => ready)

process.argv.splice(process.argv.indexOf(__dirname), 1)
require('../../../scripts/test-electron-app.cjs')
