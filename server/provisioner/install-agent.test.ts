import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AgentBundles, installAgent } from './install-agent.ts'

let dataDir: string
let bundle: AgentBundles
beforeEach(() => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), "install agent 'é' ")))
  bundle = { agent: join(dataDir, 'bundled', 'agent'), cli: join(dataDir, 'bundled', 'cli') }
  mkdirSync(bundle.agent, { recursive: true })
  mkdirSync(bundle.cli)
  writeFileSync(join(bundle.cli, 'coder.js'), `import 'node:fs'\nconsole.log('command line', ...process.argv.slice(2))`)
  writeAgent('one')
})
afterEach(() => rmSync(dataDir, { recursive: true }))

/** Writes an agent that prints the text and its arguments; with the argument `wait` it runs until its input ends. */
function writeAgent(text: string): void {
  const program = `console.log(${JSON.stringify(text)}, ...process.argv.slice(2)); if (process.argv[2] === 'wait') process.stdin.resume()`
  writeFileSync(join(bundle.agent, 'main.js'), `import 'node:fs'\n${program}`)
}

const versions = () => readdirSync(join(dataDir, 'agent')).filter((name) => name !== 'current')
const run = (bin: string, ...args: string[]) =>
  execFileSync('coder', args, { encoding: 'utf8', env: { PATH: `${bin}:/usr/bin:/bin` } }).trim()

test('the installed programs run without the bundle, in a folder with spaces, quotes and non-ASCII letters', async () => {
  const bin = await installAgent(dataDir, bundle)
  rmSync(join(dataDir, 'bundled'), { recursive: true })
  expect(run(bin, 'agent', 'a b')).toBe('one a b')
  expect(run(bin, 'list', 'c d')).toBe('command line list c d')
})

test('an agent is installed once, and again if the copy is damaged', async () => {
  const bin = await installAgent(dataDir, bundle)
  expect(await installAgent(dataDir, bundle)).toBe(bin)
  rmSync(join(bin, '..', 'agent'), { recursive: true })
  expect(await installAgent(dataDir, bundle)).toBe(bin)
  expect(run(bin, 'agent')).toBe('one')
})

test('an earlier version is removed when no process runs it', {
  skip: process.platform !== 'linux',
}, async () => {
  const earlier = await installAgent(dataDir, bundle)
  const agent = spawn(join(earlier, 'coder'), ['agent', 'wait'], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(agent.stdout, 'data')
  writeAgent('two')
  const later = await installAgent(dataDir, bundle)
  expect(later).not.toBe(earlier)
  expect(later).toContain(`/${readFileSync(join(dataDir, 'agent', 'current'), 'utf8').trim()}/`)
  expect(versions()).toHaveLength(2)
  const exited = once(agent, 'exit')
  agent.stdin.end()
  await exited
  await installAgent(dataDir, bundle)
  expect(versions()).toHaveLength(1)
  expect(run(later, 'agent')).toBe('two')
})

test('a checkout runs the sources', async () => {
  const bin = await installAgent(dataDir, null)
  expect(bin).toBe(join(dataDir, 'agent', 'source', 'bin'))
})
