// Replaces static imports of Node's built-in modules by `process.getBuiltinModule`. For a static import Node reads every
// export of the module, and reading some of them loads further modules: `node:http` loads WebSocket and with it `fetch`,
// 7 MB per process. `getBuiltinModule` reads only the exports that are used, which also starts processes faster.

import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

const imports = /^import (\* as [\w$]+|[\w$]+|\{[^}]*\}) from "(node:[\w/]+)";$/gm

/** @type {import('esbuild').Plugin} */
export const lazyBuiltins = {
  name: 'lazy-builtins',
  setup(build) {
    build.initialOptions.write = false
    build.onEnd(async ({ outputFiles = [] }) => {
      for (const { path: file, contents, text } of outputFiles) {
        await mkdir(path.dirname(file), { recursive: true })
        await writeFile(file, file.endsWith('.js') ? text.replaceAll(imports, toGetBuiltinModule) : contents)
      }
    })
  },
}

/**
 * @param {string} _statement
 * @param {string} names
 * @param {string} builtin
 */
function toGetBuiltinModule(_statement, names, builtin) {
  const bound = names.startsWith('{') ? names.replaceAll(/ as /g, ': ') : names.replace('* as ', '')
  return `const ${bound} = globalThis.process.getBuiltinModule("${builtin}");`
}
