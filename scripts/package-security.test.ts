import { readFileSync } from 'node:fs'
import { FuseV1Options } from '@electron/fuses'
import { FusesPlugin } from '@electron-forge/plugin-fuses'
import { expect, test } from 'vitest'
import forgeConfig from '../forge.config.ts'
import { inProject } from './project.mjs'

test('a package disables the features of Electron that run code of others or read local files', () => {
  const plugin = forgeConfig.plugins?.find((candidate) => candidate instanceof FusesPlugin)
  expect(plugin?.fusesConfig).toMatchObject({
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  })
})

// npm ignores versions in allowScripts if the lockfile has no download addresses, so only the hash pins a script.
test('each package whose install script is allowed is locked by its hash', () => {
  const read = (file: string) => JSON.parse(readFileSync(inProject(file), 'utf8'))
  const locked = read('package-lock.json').packages
  for (const name of Object.keys(read('package.json').allowScripts))
    expect(locked[`node_modules/${name}`], name).toMatchObject({ integrity: expect.stringMatching(/^sha512-/) })
})
