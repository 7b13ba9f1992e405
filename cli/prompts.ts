// Questions on the terminal. Where nobody can answer, the command fails and names the flag that answers instead.

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
  requireTerminal(question, flag)
  const answer = (await readAnswer(initial ? `${question} (${initial}): ` : `${question}: `)).trim()
  return answer || initial
}

/** Shows nothing of what is typed. */
export async function askSecret(question: string, { flag }: { flag: string }): Promise<string> {
  requireTerminal(question, flag)
  process.stderr.write(`${question}: `)
  const answer = await readAnswer('', new Writable({ write: (_chunk, _encoding, done) => done() }))
  process.stderr.write('\n')
  return answer
}

/** @throws CommandError when the answer is not yes. */
export async function confirm(question: string, { isSure }: { isSure: boolean }): Promise<void> {
  if (isSure) return
  requireTerminal(question, '--yes')
  const answer = await readAnswer(`${question} (yes/no): `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was done.')
}

function requireTerminal(question: string, flag: string): void {
  if (!canAsk())
    throw new CommandError(`"${question}" cannot be asked: this is not a terminal.`, { hint: `pass ${flag}.` })
}

async function readAnswer(prompt: string, output: NodeJS.WritableStream = process.stderr): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  try {
    return await lines.question(prompt)
  } finally {
    lines.close()
  }
}
