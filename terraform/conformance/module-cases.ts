// The form that cases of whole modules have on disk. A case is a title, the files of a module, and what OpenTofu makes
// of them; record.ts writes the latter:
//
//     == a variable without a value
//     -- main.tf
//     variable "a" {}
//     =>
//     error main.tf 1:1-1:13 No value for required variable
//
// `-- then` begins another run on the state that the one before has left: its files are added to those that there are.
// Files of a case called `in all` stand in every other case of the file too. `-- destroy` makes it destroy everything. `-- vars` has lines `name=value`, `-- without` names of files that are gone.

export interface ModuleCase {
  readonly title: string
  readonly steps: readonly ModuleStep[]
  /** Lines, with `then` between those of the steps. Undefined for a case that is not recorded yet. */
  readonly outcome: readonly string[] | undefined
}

export interface ModuleStep {
  /** All that are there, those of earlier steps too. */
  readonly files: Readonly<Record<string, string>>
  readonly variables: Readonly<Record<string, string>>
  readonly destroys: boolean
  /** As written, for writing it again. */
  readonly text: string
}

export interface ModuleCaseFile {
  /** Lines before the first case, each beginning with `#`. */
  readonly head: string
  readonly cases: readonly ModuleCase[]
}

/** In the head of a file: what providers say is theirs, so that only the places are compared. */
export const ownSummariesMark = '# Only the places of diagnostics are compared.'

export const stepMark = 'then'

export function readModuleCases(text: string): ModuleCaseFile {
  const [head = '', ...cases] = text.split(/^== /m)
  const [first = ''] = cases
  const shared = first.startsWith(`${sharedTitle}\n`) ? (readCase(first, {}).steps[0]?.files ?? {}) : {}
  return { head: head.trimEnd(), cases: cases.map((one) => readCase(one, shared)) }
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
      // An empty line before the next mark is for the reader.
      const content = section.slice(nameEnd + 1).replace(/\n+$/, '\n')
      if (name === 'destroy') step.destroys = true
      else if (name === 'vars') step.variables = readVariables(content)
      else if (name === 'without') for (const gone of content.trim().split('\n')) delete files[gone]
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
    const said = outcome ? `=>\n${outcome.map((line) => `${line}\n`).join('')}` : ''
    return `== ${title}\n${body}\n${said}`
  })
  return `${head}\n\n${written.join('\n')}`
}
