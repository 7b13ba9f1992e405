// Parse speed of templates, compared with reading each character once and with JSON.parse; also with HCL's parser if it is
// built (.ci/hcl.sh). Measured in CPU time of this process, which is independent of other load.

import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFile } from '../terraform/hcl/parse-body.ts'
import type { Figure } from './figures.ts'

const root = join(import.meta.dirname, '..')

const sampleMs = 300
const samples = 7
const minMegabytesPerSecond = 50

export async function measureParse(): Promise<Figure[]> {
  const texts = readTemplates()
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const speedOf = (run: (text: string) => unknown) => bestSpeed(size, () => texts.forEach(run))
  const json = createJson(size)
  const reading = speedOf(sumUp)
  const jsonParsing = bestSpeed(json.length, () => JSON.parse(json))
  const parsing = speedOf((text) => parseFile({ file: 'main.tf', text }))
  return [
    {
      name: `parse ${texts.length} templates`,
      value: parsing,
      limit: minMegabytesPerSecond,
      isAtLeast: true,
      unit: 'MB/s',
      basis: 'target; CPU time',
    },
    {
      name: '  relative to JSON.parse',
      value: parsing / jsonParsing,
      unit: '×',
      basis: `${jsonParsing.toFixed(0)} MB/s`,
    },
    {
      name: '  relative to reading each character',
      value: parsing / reading,
      unit: '×',
      basis: `${reading.toFixed(0)} MB/s`,
    },
    ...compareWithHcl(texts),
  ]
}

function readTemplates(): string[] {
  return globSync('templates/**/*.tf', { cwd: root })
    .sort()
    .map((file) => readFileSync(join(root, file), 'utf8'))
}

/** Best of several samples, in MB/s, because other load only reduces the speed. */
function bestSpeed(bytes: number, run: () => void): number {
  const speeds = Array.from({ length: samples }, () => {
    const before = processorMs()
    let times = 0
    do {
      run()
      times++
    } while (processorMs() - before < sampleMs)
    return (times * bytes) / 1_000 / (processorMs() - before)
  })
  return Math.max(...speeds)
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function sumUp(text: string): number {
  let sum = 0
  for (let at = 0; at < text.length; at++) sum += text.charCodeAt(at)
  return sum
}

/** JSON of about this size, similar to API responses. */
function createJson(size: number): string {
  const parameter = {
    name: 'coder_parameter',
    type: 'string',
    mutable: true,
    order: 3,
    option: [{ name: 'a', value: 'b' }],
  }
  return JSON.stringify(Array.from({ length: Math.ceil(size / JSON.stringify(parameter).length) }, () => parameter))
}

const largeBytes = 10 * 1024 * 1024

/** One file of ten megabytes, parsed here and by HCL's parser. */
function compareWithHcl(texts: readonly string[]): Figure[] {
  const [hcldec] = globSync(join(homedir(), '.cache/coder-local-ci/hcl-*/hcldec'))
  if (!hcldec) return []
  const all = texts.filter((text) => parseFile({ file: 'main.tf', text }).diagnostics.length === 0).join('\n')
  const large = `${all}\n`.repeat(Math.ceil(largeBytes / all.length))
  const megabytes = Buffer.byteLength(large) / 1_000_000
  const ours = bestSpeed(megabytes * 1_000_000, () => parseFile({ file: 'main.tf', text: large }))
  const theirs = megabytes / ((hclMs(hcldec, large) - hclMs(hcldec, '')) / 1_000)
  return [
    {
      name: `parse one file of ${megabytes.toFixed(0)} MB`,
      value: ours,
      limit: theirs,
      isAtLeast: true,
      unit: 'MB/s',
      basis: "HCL's parser, elapsed time",
    },
  ]
}

/** Duration of a program that only parses the file. */
function hclMs(hcldec: string, text: string): number {
  const dir = mkdtempSync(join(tmpdir(), 'parse-'))
  try {
    writeFileSync(join(dir, 'spec'), 'literal {\n  value = 1\n}\n')
    writeFileSync(join(dir, 'main.hcl'), text)
    const before = performance.now()
    const { status } = spawnSync(hcldec, ['--spec=spec', '--var-refs', 'main.hcl'], { cwd: dir })
    if (status !== 0) throw new Error(`hcldec exited with status ${status}`)
    return performance.now() - before
  } finally {
    rmSync(dir, { recursive: true })
  }
}
