// Electron Forge configuration of the desktop package. The asar archive contains only the shell; scripts/package.mjs
// stages the files of coderd as extra resources. `dist` stays next to `node_modules`, so packaged programs find each other
// and their packages at the same relative paths as in a checkout.

import { FuseV1Options, FuseVersion } from '@electron/fuses'
import { FusesPlugin } from '@electron-forge/plugin-fuses'
import type { ForgeConfig } from '@electron-forge/shared-types'
import { electronZipVariable, stagedFolders, stubElectronVariable } from './scripts/package-layout.mjs'
import { repairLinks } from './scripts/package-links.mjs'

/** Excludes all files except the shell. @param path relative to the checkout with a leading slash; '' is the root */
function isExcluded(path: string): boolean {
  const isShell = path === '' || path === '/package.json' || path === '/dist' || path.startsWith('/dist/main')
  return !isShell || path.endsWith('.map')
}

const config: ForgeConfig = {
  packagerConfig: {
    name: 'Coder Local',
    executableName: 'coder-local',
    asar: true,
    ignore: isExcluded,
    // The shell is one bundled file and loads no packages from node_modules.
    prune: false,
    extraResource: stagedFolders,
    afterCopyExtraResources: [({ buildPath }) => repairLinks(buildPath)],
    electronZipDir: process.env[electronZipVariable],
  },
  makers: [{ name: '@electron-forge/maker-zip', config: {} }],
  plugins: [
    new FusesPlugin({
      version: FuseVersion.V1,
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: false,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
      // The start-up page has its own scheme; no page is loaded from file:. The old Electron of the tests has no such fuse.
      ...(process.env[stubElectronVariable] ? {} : { [FuseV1Options.GrantFileProtocolExtraPrivileges]: false }),
    }),
  ],
}

export default config
