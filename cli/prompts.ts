// Questions on the terminal, or to whoever pipes answers in, a line each. Where nobody answers, the command fails and
// names the flag that answers instead.

import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { CommandError } from './errors.ts'

/** Whether somebody sits there who can answer. */
export const canAsk = () => Boolean(process.stdin.isTTY && process.stderr.isTTY)

/** @param flag what to pass instead of answering: `--template`. */
export async function ask(
  question: string,
  { flag, initial = '' }: { flag: string; initial?: string },
): Promise<string> {
  const answer = (await readAnswer(initial ? `${question} (${initial}): ` : `${question}: `, { flag })).trim()
  return answer || initial
}

/** Shows nothing of what is typed. */
export const askSecret = (question: string, { flag }: { flag: string }): Promise<string> =>
  readAnswer(`${question}: `, { flag, isSecret: true })

/** @throws CommandError when the answer is not yes. */
export async function confirm(question: string, { isSure }: { isSure: boolean }): Promise<void> {
  if (isSure) return
  const answer = await readAnswer(`${question} (yes/no): `, { flag: '--yes' })
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was done.')
}

interface Asked {
  readonly flag: string
  readonly isSecret?: boolean
}

async function readAnswer(prompt: string, { flag, isSecret = false }: Asked): Promise<string> {
  if (!canAsk()) return readPiped(prompt, flag)
  if (!isSecret) return readTyped(prompt, process.stderr)
  process.stderr.write(prompt)
  const answer = await readTyped('', new Writable({ write: (_chunk, _encoding, done) => done() }))
  process.stderr.write('\n')
  return answer
}

async function readTyped(prompt: string, output: NodeJS.WritableStream): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  try {
    return await lines.question(prompt)
  } finally {
    lines.close()
  }
}

/** Of what is piped in; one reader for all questions, for it reads ahead. */
let piped: AsyncIterator<string> | undefined

async function nextPiped(): Promise<IteratorResult<string>> {
  // What is not read any more keeps nobody waiting: `yes` never ends by itself.
  const stdin: { ref?(): void; unref?(): void } = process.stdin
  piped ??= createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]()
  stdin.ref?.()
  const line = await piped.next()
  stdin.unref?.()
  return line
}

async function readPiped(prompt: string, flag: string): Promise<string> {
  const line = process.stdin.isTTY ? { done: true, value: '' } : await nextPiped()
  if (!line.done) return line.value
  throw new CommandError(`"${prompt.replace(/(?: \(yes\/no\))?: $/, '')}" cannot be asked: this is not a terminal.`, {
    hint: `pass ${flag}.`,
  })
}
