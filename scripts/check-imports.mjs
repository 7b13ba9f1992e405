// Checks the import graph: the rules of .dependency-cruiser.mjs (allowed imports, ordered layers, no cycle between
// files), and that folders form no cycle: the subfolders of a folder and its own files depend on each other in one
// direction only. Each file directly inside a top-level folder counts as a folder. Tests are exempt from the folder rule.

import { cruise, format } from 'dependency-cruiser'
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import { inProject, presentCodeFolders } from './project.mjs'

/** @typedef {{ from: string, to: string }} Import  paths from the root of the project */

const testCode = /\.(test|spec)\.tsx?$|(^|\/)testing\/|^terraform\/(conformance|fuzz)\/|^cli\/official\/|^(e2e|bench)\//

const options = await extractOptions(inProject('.dependency-cruiser.mjs'))
const { output } = await cruise(presentCodeFolders(), { ...options, outputType: 'json', validate: true })
const result = JSON.parse(String(output))
const violations = await format(result, { outputType: 'err' })
console.log(String(violations.output).trim())

const imports = listImports(result)
const cycles = listFolders(imports).flatMap((folder) => findCycles(imports, folder))
for (const { folder, members, examples } of cycles) {
  console.log(`\nFolder cycle inside ${folder}/: ${members.join(' ↔ ')}`)
  for (const { from, to } of examples) console.log(`  ${from} imports ${to}`)
}
if (violations.exitCode !== 0 || cycles.length > 0) process.exitCode = 1

/**
 * @param {import('dependency-cruiser').ICruiseResult} graph
 * @returns {Import[]}
 */
function listImports({ modules }) {
  return modules.flatMap(({ source, dependencies }) =>
    dependencies
      .filter(
        ({ resolved }) => ![source, resolved].some((file) => testCode.test(file) || file.startsWith('node_modules')),
      )
      .map(({ resolved }) => ({ from: source, to: resolved })),
  )
}

/**
 * All folders that contain an importing file, directly or in a subfolder.
 * @param {Import[]} all
 */
function listFolders(all) {
  const folders = all.flatMap(({ from }) => from.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/')))
  return [...new Set(folders)].filter((folder) => folder !== '').sort()
}

/**
 * Strongly connected components among the children of a folder, found by reachability: the graphs are small.
 * @param {Import[]} all
 * @param {string} folder
 */
function findCycles(all, folder) {
  const between = all
    .map((entry) => ({ ...entry, child: childOf(folder, entry.from), target: childOf(folder, entry.to) }))
    .filter(({ child, target }) => child !== null && target !== null && child !== target)
  /** @type {Map<string, Set<string>>} */
  const targets = new Map()
  for (const { child, target } of between) {
    const reached = targets.get(String(child)) ?? new Set()
    targets.set(String(child), reached.add(String(target)))
  }
  const reachable = new Map([...targets.keys()].map((child) => [child, findReachable(targets, child)]))
  const components = new Map()
  for (const [child, reached] of reachable) {
    const members = [...reached].filter((other) => reachable.get(other)?.has(child)).sort()
    if (members.length > 1) components.set(members.join(' '), members)
  }
  return [...components.values()].map((members) => ({
    folder,
    members,
    examples: between.filter(({ child, target }) => members.includes(child) && members.includes(target)).slice(0, 12),
  }))
}

/**
 * The subfolder that contains a file, or `(own files)`; null for a file outside the folder.
 * @param {string} folder
 * @param {string} file
 */
function childOf(folder, file) {
  if (!file.startsWith(`${folder}/`)) return null
  const rest = file.slice(folder.length + 1).split('/')
  if (rest.length > 1) return `${rest[0]}/`
  return folder.includes('/') ? '(own files)' : rest[0]
}

/**
 * @param {Map<string, Set<string>>} targets
 * @param {string} start
 */
function findReachable(targets, start) {
  const reached = new Set()
  const open = [start]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const target of targets.get(next) ?? [])
      if (!reached.has(target)) {
        reached.add(target)
        open.push(target)
      }
  return reached
}
