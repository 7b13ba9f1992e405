// Stands in for Electron's own default app, which the tests' runtime lacks: loads the app whose folder is the first
// argument, as `electron <folder>` does. Copied into that runtime as resources/app; CommonJS for its old Node.

const path = require('node:path')
const { app } = require('electron')

const folder = path.resolve(process.argv.slice(1).find((argument) => !argument.startsWith('-')) ?? '.')
const { main, name, productName, version } = require(path.join(folder, 'package.json'))

process.defaultApp = true
app.setName(productName ?? name)
app.setVersion(version)
app.setAppPath(folder)
require(path.join(folder, main))
