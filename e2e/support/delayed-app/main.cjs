// Starts the application in the folder named by the next argument, but delays its windows until Playwright is attached.
// With an explicit path to Electron, Playwright does not delay them itself: a window that navigates while Playwright
// attaches to it is never reported, so the launch hangs.

const { app } = require('electron')

const ready = app.whenReady()
const attached = new Promise((resolve) => {
  // Called by Playwright as the last step of its launch.
  globalThis.__playwright_run = resolve
})
app.whenReady = () => attached.then(() => ready)

process.argv.splice(process.argv.indexOf(__dirname), 1)
require('../../../scripts/test-electron-app.cjs')
