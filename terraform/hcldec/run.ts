// `hcldec`: converts configuration files to JSON by a specification, with the flags and the output of HCL's own program,
// so that HCL's test suite can run against this implementation.

import { readFileSync, writeFileSync } from 'node:fs'
import { JsonReader } from '../config/json-reader.ts'
import { type Diagnostic, errorAt, hasErrors } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { decodeText } from '../diagnostics/source-bytes.ts'
import type { Body } from '../hcl/ast.ts'
import { parseFile } from '../hcl/parse-body.ts'
import type { Value } from '../values/value.ts'
import { MergedBody, type SchemaBody } from './body.ts'
import { decodeBody } from './decode.ts'
import { type Context, noContext } from './evaluation.ts'
import { type CommandLine, FlagError, type Flags, readCommandLine, usage } from './flags.ts'
import { JsonBody } from './json-body.ts'
import { NativeBody } from './native-body.ts'
import { diagnosticsToJson, diagnosticsToText, referencesToText, valueToText } from './output.ts'
import { readSpecification, type Specification } from './read-spec.ts'
import { referencesIn } from './references.ts'

const version = '0.0.1-dev'

const failedStatus = 1
const badInputStatus = 2

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** @param readStdin is called if no file is named */
export function runHcldec(args: readonly string[], readStdin: () => Buffer): Outcome {
  try {
    return { status: 0, stdout: execute(args, readStdin), stderr: '' }
  } catch (error) {
    if (error instanceof FlagError) {
      return { status: badInputStatus, stdout: '', stderr: `${error.message}\n${usage()}` }
    }
    if (error instanceof ExitError) return { status: error.status, stdout: '', stderr: error.message }
    throw error
  }
}

function execute(args: readonly string[], readStdin: () => Buffer): string {
  const line = readCommandLine(args)
  if (line.flags.help) throw new ExitError(badInputStatus, usage())
  return line.flags.version ? `${version}\n` : new Run(line, readStdin).run()
}

/** Ends the run with a message on stderr. */
class ExitError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

class Run {
  readonly #flags: Readonly<Flags>
  readonly #files: readonly string[]
  readonly #sources: Source[] = []
  readonly #diagnostics: Diagnostic[] = []
  readonly #report = (diagnostic: Diagnostic) => void this.#diagnostics.push(diagnostic)

  readonly #readStdin: () => Buffer

  constructor({ flags, files }: CommandLine, readStdin: () => Buffer) {
    this.#flags = flags
    this.#files = files
    this.#readStdin = readStdin
  }

  /** Returns the output for stdout. */
  run(): string {
    const { spec: specFile, diags } = this.#flags
    if (diags !== '' && diags !== 'json') {
      throw new ExitError(badInputStatus, `Invalid diagnostics format "${diags}": only "json" is supported.\n`)
    }
    if (specFile === '') throw new ExitError(failedStatus, 'Error: the --spec=... argument is required\n\n')
    const specification = this.#readSpecification(specFile)
    const context = this.#contextOf(specification)
    const body = this.#readBodies()
    if (this.#flags['var-refs']) {
      const references = referencesIn(body, specification.root)
      return this.#write(referencesToText(references, context.variables ?? new Map(), this.#sources))
    }
    const value = decodeBody(body, specification.root, context, this.#report)
    this.#stopOnErrors()
    const options = { withType: this.#flags['with-type'], keepsNulls: this.#flags['keep-nulls'] }
    const text = valueToText(value, options)
    if (text === undefined) throw new ExitError(failedStatus, 'Error: value is not known\n\n')
    return this.#write(text)
  }

  #readSpecification(file: string): Specification {
    const body = this.#readNative(file)
    this.#stopOnErrors()
    const specification = readSpecification(body as Body, this.#report)
    this.#stopOnErrors()
    return specification
  }

  #contextOf({ variables, functions }: Specification): Context {
    const all = new Map<string, Value>(variables)
    for (const [index, argument] of this.#flags.vars.entries()) {
      for (const [name, { value }] of this.#readVariables(argument, index)?.justAttributes(this.#report) ?? []) {
        all.set(name, value.evaluate(noContext, this.#report))
      }
    }
    return {
      variables: all.size > 0 ? all : undefined,
      functions: functions.size > 0 ? Object.fromEntries(functions) : undefined,
    }
  }

  /** Reads a JSON object from the command line, or a file. */
  #readVariables(argument: string, index: number): SchemaBody | undefined {
    if (argument.trim().startsWith('{')) return this.#parseJson({ file: `<vars argument ${index}>`, text: argument })
    return this.#readFile(argument)
  }

  #readBodies(): SchemaBody {
    const bodies =
      this.#files.length === 0
        ? [this.#parseNative({ file: '<stdin>', text: decodeText(this.#readStdin()) })]
        : this.#files.map((file) => this.#readFile(file))
    this.#stopOnErrors()
    const [only] = bodies
    return only && bodies.length === 1 ? only : new MergedBody(bodies.filter((body) => body !== undefined))
  }

  #readFile(file: string): SchemaBody | undefined {
    if (!file.endsWith('.json')) {
      const body = this.#readNative(file)
      return body && new NativeBody(body)
    }
    const source = this.#readSource(file)
    return source && this.#parseJson(source)
  }

  #readNative(file: string): Body | undefined {
    const source = this.#readSource(file)
    return source && this.#parse(source)
  }

  #readSource(file: string): Source | undefined {
    try {
      return { file, text: decodeText(readFileSync(file)) }
    } catch {
      this.#report(errorAt(undefined, 'Failed to read file', `The configuration file "${file}" could not be read.`))
      return undefined
    }
  }

  #parseNative(source: Source): SchemaBody {
    return new NativeBody(this.#parse(source))
  }

  #parse(source: Source): Body {
    this.#sources.push(source)
    const { value, diagnostics } = parseFile(source)
    this.#diagnostics.push(...diagnostics)
    return value
  }

  #parseJson(source: Source): SchemaBody | undefined {
    this.#sources.push(source)
    const reader = new JsonReader(source)
    const root = reader.read()
    this.#diagnostics.push(...reader.diagnostics)
    return root && new JsonBody(root)
  }

  #stopOnErrors(): void {
    if (!hasErrors(this.#diagnostics)) return
    const toText = this.#flags.diags === 'json' ? diagnosticsToJson : diagnosticsToText
    throw new ExitError(badInputStatus, toText(this.#diagnostics, this.#sources))
  }

  /** Writes to the requested file; otherwise returns the text. */
  #write(text: string): string {
    const { out } = this.#flags
    if (out === '') return text
    this.#writeFile(out, text)
    return ''
  }

  #writeFile(file: string, text: string): void {
    try {
      writeFileSync(file, text)
    } catch (error) {
      throw new ExitError(failedStatus, `Error: can't open ${file} for writing: ${(error as Error).message}\n\n`)
    }
  }
}
