// The file format of module cases. A case is a title, the files of a module, and OpenTofu's outcome, which record.ts
// writes:
//
//     == a variable without a value
//     -- main.tf
//     variable "a" {}
//     =>
//     error main.tf 1:1-1:13 No value for required variable
//
// `-- then` starts another run on the state of the previous one; its files are added to the earlier ones.
// Files of a case with the title `in all` are part of every case. `-- destroy` makes a run destroy all objects.
// `-- vars` is followed by lines `name=value`, `-- without` by names of deleted files.

export interface ModuleCase {
  readonly title: string
  readonly steps: readonly ModuleStep[]
  /** Lines; `then` separates the steps. Undefined if not yet recorded. */
  readonly outcome: readonly string[] | undefined
}

export interface ModuleStep {
  /** All files, including those of earlier steps. */
  readonly files: Readonly<Record<string, string>>
  readonly variables: Readonly<Record<string, string>>
  readonly destroys: boolean
  /** The source text, for rewriting the file. */
  readonly text: string
}

export interface ModuleCaseFile {
  /** The lines before the first case; each starts with `#`. */
  readonly head: string
  readonly cases: readonly ModuleCase[]
}

/** In the head of a file: providers have their own texts, so only the ranges of diagnostics are compared. */
export const rangesOnlyMark = '# Only the ranges of diagnostics are compared.'

export const stepMark = 'then'

export function readModuleCases(text: string): ModuleCaseFile {
  const [head = '', ...cases] = text.split(/^== /m)
  const [first = ''] = cases
  const shared = first.startsWith(`${sharedTitle}\n`) ? (readCase(first, {}).steps[0]?.files ?? {}) : {}
  return { head: head.trimEnd(), cases: cases.map((section) => readCase(section, shared)) }
}

const sharedTitle = 'in all'

function readCase(text: string, shared: ModuleStep['files']): ModuleCase {
  const titleEnd = text.indexOf('\n')
  const mark = /^=>\n/m.exec(text)
  const body = text.slice(titleEnd + 1, mark?.index)
  const outcome = mark && text.slice(mark.index + mark[0].length).trimEnd()
  return {
    title: text.slice(0, titleEnd),
    steps: readSteps(body, shared),
    outcome: outcome === null ? undefined : outcome.split('\n').filter((line) => line !== ''),
  }
}

function readSteps(body: string, shared: ModuleStep['files']): ModuleStep[] {
  let files: Record<string, string> = { ...shared }
  return body.split(/^-- then\n/m).map((text) => {
    files = { ...files }
    const step = { variables: {} as Record<string, string>, destroys: false }
    for (const section of text.split(/^-- /m).slice(1)) {
      const nameEnd = section.indexOf('\n')
      const name = section.slice(0, nameEnd)
      // Ignores empty lines before the next section.
      const content = section.slice(nameEnd + 1).replace(/\n+$/, '\n')
      if (name === 'destroy') step.destroys = true
      else if (name === 'vars') step.variables = readVariables(content)
      else if (name === 'without') for (const deleted of content.trim().split('\n')) delete files[deleted]
      else files[name] = content
    }
    return { ...step, files, text: text.trimEnd() }
  })
}

const readVariables = (content: string) =>
  Object.fromEntries(
    content
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

export function writeModuleCases({ head, cases }: ModuleCaseFile): string {
  const written = cases.map(({ title, steps, outcome }) => {
    const body = steps.map(({ text }) => text).join('\n-- then\n')
    const recorded = outcome ? `=>\n${outcome.map((line) => `${line}\n`).join('')}` : ''
    return `== ${title}\n${body}\n${recorded}`
  })
  return `${head}\n\n${written.join('\n')}`
}
