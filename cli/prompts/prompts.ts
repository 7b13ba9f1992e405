// Questions on the terminal, or to whoever pipes answers in, a line each. Where nobody answers, the command fails and
// names the flag that answers instead.

import { on } from 'node:events'
import { createInterface, emitKeypressEvents, type Key } from 'node:readline'
import { stripVTControlCharacters, styleText } from 'node:util'
import { Canceled, CommandError } from '../output/errors.ts'
import { type Choice, type ChoiceList, chosen, draw, openList, openTicks, press } from './choice-list.ts'

/** Whether somebody sits there who can answer. */
export const canAsk = () => Boolean(process.stdin.isTTY && process.stderr.isTTY)

interface Asked {
  /** What to pass instead of answering: `--template`. */
  readonly flag: string
  /** Taken when nothing is typed, and where nobody is there to type. */
  readonly initial?: string
  /** Why an answer cannot be taken; then a person is asked again. */
  readonly refuse?: (answer: string) => string | undefined
}

export const ask = (question: string, asked: Asked): Promise<string> => {
  const { initial = '' } = asked
  return untilTaken(initial ? `> ${question} (${initial}): ` : `> ${question}: `, asked, (prompt) =>
    readTyped(prompt).then((typed) => typed.trim() || initial),
  )
}

/** Shows a star for each letter that is typed. */
export const askSecret = (question: string, asked: Asked): Promise<string> =>
  untilTaken(`> ${question}: `, asked, (prompt) => readStarred(prompt).then((typed) => typed || (asked.initial ?? '')))

/** Twice, so that a slip of the finger shuts nobody out. */
export async function askNewPassword(question: string, asked: { readonly flag: string }): Promise<string> {
  for (;;) {
    const password = await askSecret(question, asked)
    if ((await askSecret('The same again', asked)) === password) return password
    if (!canAsk()) throw new CommandError('The two passwords differ.')
    process.stderr.write('The two passwords differ.\n')
  }
}

/** @param isUsual whether Enter alone means yes. @throws Canceled when the answer is not yes. */
export async function confirm(
  question: string,
  { isSure, isUsual = false }: { isSure: boolean; isUsual?: boolean },
): Promise<void> {
  if (isSure) return
  const [yes, no] = isUsual ? [bold('yes'), 'no'] : ['yes', bold('no')]
  const answer =
    (await readAnswer(`> ${question} (${yes}/${no}) `, { flag: '--yes' }, readTyped)).trim() || (isUsual ? 'y' : 'n')
  if (!/^y(es)?$/i.test(answer)) throw new Canceled('Nothing was done.')
}

/** @throws CommandError when what is piped in is no choice. */
export async function choose(
  question: string,
  choices: readonly Choice[],
  asked: Pick<Asked, 'flag' | 'initial'>,
): Promise<string> {
  const { initial = '' } = asked
  if (!canAsk()) return requireChoice((await readPiped(listed(question, choices), asked)).trim() || initial, choices)
  const [value = ''] = await readChoices(question, openList(choices, initial))
  return value
}

export const chooseName = (question: string, names: readonly string[], asked: { readonly flag: string }) =>
  choose(
    question,
    names.map((name) => ({ value: name, label: name })),
    asked,
  )

/** @param initial what is ticked at first. */
export async function chooseSeveral(
  question: string,
  choices: readonly Choice[],
  { flag, initial }: { readonly flag: string; readonly initial: readonly string[] },
): Promise<string[]> {
  if (canAsk()) return readChoices(question, openTicks(choices, initial))
  const names = (await readPiped(listed(question, choices), { flag })).split(',').map((name) => name.trim())
  return names.filter((name) => name !== '').map((name) => requireChoice(name, choices))
}

const listed = (question: string, choices: readonly Choice[]) =>
  `${question} (${choices.map(({ value }) => value).join(', ')})`

const bold = (text: string) => styleText('bold', text, { stream: process.stderr })

function requireChoice(name: string, choices: readonly Choice[]): string {
  const choice = choices.find(({ value, label }) => value === name || label === name)
  if (choice) return choice.value
  throw new CommandError(`There is no "${name}" to choose.`, {
    detail: `Choices: ${choices.map(({ value }) => value).join(', ')}`,
  })
}

type Read = (prompt: string) => Promise<string>

async function untilTaken(prompt: string, asked: Asked, read: Read): Promise<string> {
  for (;;) {
    const answer = await readAnswer(prompt, asked, read)
    const reason = asked.refuse?.(answer)
    if (reason === undefined) return answer
    if (!canAsk()) throw new CommandError(reason, { hint: `pass another ${asked.flag}.` })
    process.stderr.write(`${reason}\n`)
  }
}

const readAnswer = (prompt: string, asked: Asked, read: Read): Promise<string> =>
  canAsk() ? read(prompt) : readPiped(prompt, asked)

function readTyped(prompt: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true, historySize: 0 })
  return new Promise<string>((resolve, reject) => {
    const onEnd = () => reject(canceledBy(''))
    lines.once('SIGINT', () => {
      lines.off('close', onEnd)
      reject(canceledBy('^C'))
    })
    lines.once('close', onEnd)
    lines.question(prompt, (answer) => {
      lines.off('close', onEnd)
      resolve(answer)
    })
  }).finally(() => lines.close())
}

function canceledBy(key: string): Canceled {
  process.stderr.write(`${key}\n`)
  return new Canceled('')
}

async function readStarred(prompt: string): Promise<string> {
  let typed = ''
  const begin = () => process.stderr.write(prompt)
  await readKeys(begin, ({ name, ctrl, sequence = '' }) => {
    const kept = name === 'backspace' ? typed.slice(0, -1) : ctrl && name === 'u' ? '' : typed
    const added = !ctrl && /^[\P{C}]+$/u.test(sequence) ? sequence : ''
    process.stderr.write('\b \b'.repeat(typed.length - kept.length) + '*'.repeat(added.length))
    typed = kept + added
    return name === 'return' || name === 'enter'
  })
  process.stderr.write('\n')
  return typed
}

/** Draws the list over itself until Enter, and then what was chosen in its place. */
async function readChoices(question: string, opened: ChoiceList): Promise<string[]> {
  const { stderr } = process
  let list = opened
  let height = 0
  const show = (lines: readonly string[]) => {
    stderr.write(`${height > 0 ? `\x1b[${height}A` : ''}\r\x1b[J${lines.map((line) => `${line}\n`).join('')}`)
    height = lines.length
  }
  const redraw = () => show(draw(question, list, stderr.columns || 80))
  await readKeys(redraw, (key) => {
    const isDone = key.name === 'return' || key.name === 'enter'
    if (isDone) return list.ticked !== null || chosen(list).length > 0
    list = press(list, key)
    redraw()
    return false
  })
  const values = chosen(list)
  const labels = list.choices.filter(({ value }) => values.includes(value)).map(({ label }) => label)
  show([`? ${question}: ${labels.join(', ') || 'none'}`])
  return values
}

/** Calls `take` with each key until it says that it has enough.
 *  @param begin asks: not before the terminal has stopped to show what is typed. @throws Canceled on Ctrl-C and Ctrl-D */
async function readKeys(begin: () => void, take: (key: Key) => boolean): Promise<void> {
  const { stdin } = process
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.resume()
  try {
    begin()
    for await (const [, key] of on(stdin, 'keypress', { close: ['end'] }) as AsyncIterable<[string, Key]>) {
      if (key.ctrl && (key.name === 'c' || key.name === 'd')) throw canceledBy(key.name === 'c' ? '^C' : '')
      if (take(key)) return
    }
    throw canceledBy('')
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
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

async function readPiped(prompt: string, { flag, initial }: Asked): Promise<string> {
  const line = process.stdin.isTTY ? { done: true, value: '' } : await nextPiped()
  if (!line.done) return line.value || (initial ?? '')
  if (initial !== undefined) return initial
  const question = stripVTControlCharacters(prompt)
    .replace(/^> /, '')
    .replace(/(?: \(yes\/no\)|:) $/, '')
  throw new CommandError(`"${question}" cannot be asked: this is not a terminal.`, {
    hint: `pass ${flag}.`,
  })
}
