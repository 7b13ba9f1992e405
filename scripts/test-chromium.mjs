// Downloads a headless Chromium for the end-to-end tests from the npm registry, for users who cannot install Debian's
// package. The package is made for AWS Lambda and contains the libraries that minimal systems lack (NSS, SwiftShader).
// `node scripts/test-chromium.mjs` downloads it into the cache, where tests find it (test-browsers.mjs).

import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { PlainError, runScript, stage } from './progress.mjs'
import { findChromium, testChromiumFolder } from './test-browsers.mjs'
import { downloadPackage, installRuntime, untar } from './test-runtimes.mjs'

const packageName = '@sparticuz/chromium@153.0.0'
const packageSha256 = '20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0'

export const hasTestChromiumPackage = process.platform === 'linux' && process.arch === 'x64'

/** Downloads the browser if there is none. Rejects with a PlainError that states the reason. */
export const fetchTestChromium = () => installRuntime('chromium', findChromium, install)

/** @param {string} work an empty folder */
async function install(work) {
  const binaries = path.join(await downloadPackage(packageName, packageSha256, work), 'bin')
  const runtime = path.join(work, 'runtime')
  await mkdir(runtime)
  for (const archive of ['al2023.tar', 'swiftshader.tar', 'fonts.tar']) {
    await decompress(path.join(binaries, `${archive}.br`), path.join(work, archive))
    await untar(path.join(work, archive), runtime)
  }
  const browser = path.join(runtime, 'headless-chromium')
  await decompress(path.join(binaries, 'chromium.br'), browser)
  await chmod(browser, 0o755)
  await writeFile(path.join(runtime, 'fonts.conf'), fontConfiguration)
  await writeFile(path.join(runtime, 'chromium'), launcher, { mode: 0o755 })
  await rename(runtime, testChromiumFolder)
}

/**
 * @param {string} from
 * @param {string} to
 */
const decompress = (from, to) => pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to))

const fontConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`

// The package has no sandbox helper, and not every system allows unprivileged user namespaces.
const launcher = `#!/bin/sh
folder=$(dirname "$0")
LD_LIBRARY_PATH="$folder/lib" FONTCONFIG_PATH="$folder" exec "$folder/headless-chromium" --no-sandbox "$@"
`

if (import.meta.filename === process.argv[1]) {
  await runScript(async () => {
    if (!hasTestChromiumPackage) throw new PlainError('Chromium for tests is available only on linux-x64.')
    if (!findChromium()) await stage('Downloading Chromium for the tests', fetchTestChromium)
  })
}
