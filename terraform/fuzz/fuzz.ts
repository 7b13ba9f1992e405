// Fuzzes the language with mutated templates: for any input, parsing, decoding, validating, planning and formatting
// never throw, and every diagnostic has a valid range.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { formatForLog } from '../diagnostics/log-format.ts'
import type { Source } from '../diagnostics/source.ts'
import { planTemplate } from '../engine/plan/plan.ts'
import { parseTemplate, type Template } from '../engine/template/template.ts'
import { formatText } from '../fmt/format-text.ts'
import { coderProvider } from '../providers/coder/provider.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { coderContext } from '../testing/build-fixture.ts'
import { Random } from '../testing/random.ts'
import { randomFile } from '../testing/random-code.ts'
import { mutate } from './mutate.ts'

const root = join(import.meta.dirname, '../..')

export interface FuzzOptions {
  readonly seed: number
  readonly rounds: number
  /** Called with the number of completed rounds. */
  readonly onProgress?: (done: number) => void
}

/** A failing input and its problem. */
export interface Finding {
  readonly file: string
  readonly text: string
  readonly problem: string
}

/** Stops at the first finding. */
export async function fuzz({ seed, rounds, onProgress }: FuzzOptions): Promise<Finding | undefined> {
  const random = new Random(seed)
  const seeds = readSeeds()
  for (let round = 0; round < rounds; round++) {
    const source = nextSource(random, seeds)
    const problem = await findProblem(source)
    if (problem !== undefined) return { ...source, problem }
    if (round % 1_000 === 0) onProgress?.(round)
  }
  return undefined
}

interface Seeds {
  readonly hcl: readonly string[]
  readonly json: readonly string[]
}

function readSeeds(): Seeds {
  const read = (pattern: string) =>
    globSync(pattern, { cwd: root })
      .sort()
      .map((file) => readFileSync(join(root, file), 'utf8'))
  const hcl = read('{templates,terraform}/**/*.tf').flatMap(splitIntoBlocks)
  return { hcl, json: jsonSeeds }
}

/** Divides a file into groups of three blocks: small inputs are faster, and mutations hit more of their parts. */
const splitIntoBlocks = (text: string): string[] => {
  const blocks = text.split(/\n(?=\S[^\n]*\{\n)/)
  return Array.from({ length: Math.ceil(blocks.length / 3) }, (_, index) =>
    blocks.slice(index * 3, index * 3 + 3).join('\n'),
  )
}

const jsonSeeds = [
  '{"locals":{"a":"${1 + 2}","b":["x",null,true,1.5e3]},"output":{"o":{"value":"${local.a}"}}}',
  '{"variable":{"v":{"type":"list(object({a=optional(string,\\"x\\")}))","default":[{}],"validation":[{"condition":true,"error_message":"no"}]}}}',
  '{"resource":{"terraform_data":{"a":{"count":2,"input":"%{if true}x%{endif}","lifecycle":{"ignore_changes":["input"]}}}}}',
  '[{"terraform":{"required_version":"> 1"}},{"module":{"m":{"source":"./m"}}},{"data":{"coder_workspace":{"me":{}}}}]',
]

function nextSource(random: Random, { hcl, json }: Seeds): Source {
  if (random.oneIn(10)) return { file: 'fuzz.tf.json', text: mutate(random.oneOf(json), random) }
  const seed = random.oneIn(3) ? randomFile(random) : random.oneOf(hcl)
  return { file: 'fuzz.tf', text: mutate(seed, random) }
}

/** Undefined if there is none. */
async function findProblem(source: Source): Promise<string | undefined> {
  try {
    const formatted = formatText(source)
    const template = parseTemplate(root, [source])
    const planned = await plan(template)
    const reported = [...(source.file.endsWith('.json') ? [] : formatted.diagnostics), ...planned]
    return reported.map((diagnostic) => checkRange(diagnostic, source)).find((problem) => problem !== undefined)
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

async function plan(template: Template): Promise<readonly Diagnostic[]> {
  const { diagnostics } = await planTemplate({
    template,
    variables: {},
    providers: [coderProvider(coderContext()), terraformProvider()],
    state: null,
    mode: 'apply',
    signal: new AbortController().signal,
    onEvent: () => undefined,
  })
  return diagnostics
}

function checkRange(diagnostic: Diagnostic, source: Source): string | undefined {
  const { range, summary } = diagnostic
  if (!range) return undefined
  const isInside = range.file === source.file && range.start >= 0 && range.end <= source.text.length
  if (!isInside || range.start > range.end) return `"${summary}" has the invalid range ${JSON.stringify(range)}.`
  return formatForLog(diagnostic, [source]) === '' ? `"${summary}" has no text form.` : undefined
}
