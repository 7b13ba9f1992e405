// An esbuild plugin that rewrites references such as `new URL('./migrations/', import.meta.url)`: sources use them for
// files and for programs to start (`new URL('./engine-worker.ts', import.meta.url)`), and bundles.mjs defines their
// locations in dist/. The build fails if a location is missing.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { locateInDist } from './bundles.mjs'
import { root } from './project.mjs'

const reference = /new URL\(\s*(['"`])(\.[^'"`$]*)\1,\s*import\.meta\.url,?\s*\)/g

/**
 * @param {string} outFolder the bundle's folder, relative to the checkout: `dist/server`
 * @returns {import('esbuild').Plugin}
 */
export function urlReferences(outFolder) {
  return {
    name: 'url-references',
    setup(build) {
      build.onLoad({ filter: /\.tsx?$/ }, async ({ path: file }) => {
        if (file.includes('node_modules')) return undefined
        const text = await readFile(file, 'utf8')
        if (!text.includes('import.meta.url')) return undefined
        const { contents, errors } = rewrite(text, file, outFolder)
        return { contents, errors, loader: file.endsWith('x') ? 'tsx' : 'ts', resolveDir: path.dirname(file) }
      })
    },
  }
}

/**
 * @param {string} text
 * @param {string} file
 * @param {string} outFolder
 */
function rewrite(text, file, outFolder) {
  /** @type {import('esbuild').PartialMessage[]} */
  const errors = []
  const contents = text.replaceAll(reference, (whole, _quote, target) => {
    const source = path.relative(root, path.resolve(path.dirname(file), target)).replaceAll('\\', '/')
    const location = locateInDist(source)
    if (location === undefined) {
      errors.push({
        text: `${path.relative(root, file)} references ${source} by URL, but the build does not output it. Add it to a table in scripts/bundles.mjs.`,
      })
      return whole
    }
    const relative = path.relative(outFolder, location).replaceAll('\\', '/')
    const slash = target.endsWith('/') ? '/' : ''
    return `new URL('${relative.startsWith('.') ? '' : './'}${relative}${slash}', import.meta.url)`
  })
  return { contents, errors }
}
