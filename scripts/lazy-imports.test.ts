// For `import('package')` of a CommonJS package the bundler creates a module with only a `default` export, although Node
// finds named exports. A named import of such a package is therefore undefined in the released bundles.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const sources = globSync('{agent,api,cli,lib,server,terraform}/**/*.ts', { cwd: root }).filter(
  (file) => !/\.test\.ts$|\/testing\//.test(file),
)
const namedImports = sources.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/\{([^{}]*)\} = await import\('([a-z@][^'.:]*)'\)/g)].map(([, names = '', name = '']) => ({
    file,
    name,
    names: names.split(',').map((binding) => binding.trim().split(':')[0]),
  }))
})

test.each(namedImports)(
  'the exports $names of $name, imported by $file, exist in a bundle',
  async ({ name, names }) => {
    expect(await exportsInBundle(name)).toEqual(expect.arrayContaining(names))
  },
)

test('a bundled CommonJS package has no named exports', async () => {
  expect(await exportsInBundle('yaml')).toEqual(['default'])
})

async function exportsInBundle(name: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: `import(${JSON.stringify(name)})`, resolveDir: root },
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    outdir: 'out',
    logLevel: 'error',
  })
  return Object.values(metafile.outputs).flatMap(({ entryPoint, exports }) => (entryPoint === '<stdin>' ? [] : exports))
}
