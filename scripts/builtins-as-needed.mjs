// Where a process lives for hundredths of a second, `import … from 'node:fs'` is dear: for an ES module Node reads each
// export of a module of its own, and some of them (streams, the terminal, sockets) are loaded by being read. Asked for as
// CommonJS asks, a module of Node's gives what is used and loads no more.

import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

const imports = /^import (\* as [\w$]+|[\w$]+|\{[^}]*\}) from "(node:[\w/]+)";$/gm

/** @type {import('esbuild').Plugin} */
export const builtinsAsNeeded = {
  name: 'builtins-as-needed',
  setup(build) {
    build.initialOptions.write = false
    build.onEnd(async ({ outputFiles = [] }) => {
      for (const { path: file, contents, text } of outputFiles) {
        await mkdir(path.dirname(file), { recursive: true })
        await writeFile(file, file.endsWith('.js') ? text.replaceAll(imports, asRequired) : contents)
      }
    })
  },
}

/**
 * @param {string} _statement
 * @param {string} names
 * @param {string} builtin
 */
function asRequired(_statement, names, builtin) {
  const bound = names.startsWith('{') ? names.replaceAll(/ as /g, ': ') : names.replace('* as ', '')
  return `const ${bound} = globalThis.process.getBuiltinModule("${builtin}");`
}
