// How Electron Forge makes the desktop package: the shell alone in the archive, everything that coderd runs on or reads
// beside it, as scripts/package.mjs has laid it out. The layout keeps `dist` next to `node_modules`, so that packaged
// programs find each other and their packages exactly as in a checkout.

import { FuseV1Options, FuseVersion } from '@electron/fuses'
import { FusesPlugin } from '@electron-forge/plugin-fuses'
import type { ForgeConfig } from '@electron-forge/shared-types'
import { electronZipVariable, stagedFolders } from './scripts/package-layout.mjs'
import { repairLinks } from './scripts/package-links.mjs'

/** Paths as the packager gives them: from the checkout's root, with a leading slash; '' is the root. */
function staysOutOfArchive(path: string): boolean {
  const isShell = path === '' || path === '/package.json' || path === '/dist' || path.startsWith('/dist/main')
  return !isShell || path.endsWith('.map')
}

const config: ForgeConfig = {
  packagerConfig: {
    name: 'Coder Local',
    executableName: 'coder-local',
    asar: true,
    ignore: staysOutOfArchive,
    // The shell is one bundled file: no package of node_modules is loaded from the archive.
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
    }),
  ],
}

export default config
