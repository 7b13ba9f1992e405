// Replaces Electron's default app, which the tests' runtime lacks: loads the app in the folder that is the first
// argument, like `electron <folder>`. Copied into that runtime as resources/app; CommonJS because its Node is old.

const path = require('node:path')
const { app } = require('electron')

const folder = path.resolve(process.argv.slice(1).find((argument) => !argument.startsWith('-')) ?? '.')
const { main, name, productName, version } = require(path.join(folder, 'package.json'))

process.defaultApp = true
app.setName(productName ?? name)
app.setVersion(version)
app.setAppPath(folder)
require(path.join(folder, main))
