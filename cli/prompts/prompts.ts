// Prompts on the terminal, or answered by lines of piped input. Without an answer the command fails and names the flag
// to pass instead.

import { on } from 'node:events'
import { createInterface, emitKeypressEvents, type Key } from 'node:readline'
import { stripVTControlCharacters, styleText } from 'node:util'
import { Canceled, CommandError } from '../output/errors.ts'
import {
  type Choice,
  createMultiSelection,
  createSelection,
  handleKey,
  renderSelection,
  type Selection,
  selectedValues,
} from './selection.ts'

/** Whether a user at a terminal can answer prompts. */
export const isInteractive = () => Boolean(process.stdin.isTTY && process.stderr.isTTY)

interface PromptOptions {
  /** The flag to pass instead of answering: `--template`. */
  readonly flag: string
  /** The answer when nothing is typed, or when the command is not interactive. */
  readonly initial?: string
  /** Returns why an answer is invalid; the user is then prompted again. */
  readonly validate?: (answer: string) => string | undefined
}

export const promptText = (question: string, options: PromptOptions): Promise<string> => {
  const { initial = '' } = options
  return promptUntilValid(initial ? `> ${question} (${initial}): ` : `> ${question}: `, options, (prompt) =>
    readLine(prompt).then((typed) => typed.trim() || initial),
  )
}

/** Echoes an asterisk for each typed character. */
export const promptSecret = (question: string, options: PromptOptions): Promise<string> =>
  promptUntilValid(`> ${question}: `, options, (prompt) =>
    readMasked(prompt).then((typed) => typed || (options.initial ?? '')),
  )

/** Prompts twice, so that a typing error does not lock the user out. */
export async function promptNewPassword(question: string, options: { readonly flag: string }): Promise<string> {
  for (;;) {
    const password = await promptSecret(question, options)
    if ((await promptSecret('Confirm password', options)) === password) return password
    if (!isInteractive()) throw new CommandError('The passwords do not match.')
    process.stderr.write('The passwords do not match.\n')
  }
}

/** @param skip true when `--yes` was passed
 *  @param defaultsToYes whether Enter alone means yes. @throws Canceled when the answer is not yes. */
export async function confirm(
  question: string,
  { skip, defaultsToYes = false }: { skip: boolean; defaultsToYes?: boolean },
): Promise<void> {
  if (skip) return
  const [yes, no] = defaultsToYes ? [bold('yes'), 'no'] : ['yes', bold('no')]
  const answer = (await readAnswer(`> ${question} (${yes}/${no}) `, { flag: '--yes' }, readLine)).trim()
  if (!/^y(es)?$/i.test(answer || (defaultsToYes ? 'y' : 'n'))) throw new Canceled('Canceled. Nothing was changed.')
}

/** @throws CommandError when piped input is not one of the choices. */
export async function select(
  question: string,
  choices: readonly Choice[],
  options: Pick<PromptOptions, 'flag' | 'initial'>,
): Promise<string> {
  const { initial = '' } = options
  if (!isInteractive()) {
    const answer = (await readPiped(describeChoices(question, choices), options)).trim()
    return requireChoice(answer || initial, choices)
  }
  const [value = ''] = await readSelection(question, createSelection(choices, initial))
  return value
}

export const selectName = (question: string, names: readonly string[], options: { readonly flag: string }) =>
  select(
    question,
    names.map((name) => ({ value: name, label: name })),
    options,
  )

/** @param initial the values checked at first. */
export async function selectMany(
  question: string,
  choices: readonly Choice[],
  { flag, initial }: { readonly flag: string; readonly initial: readonly string[] },
): Promise<string[]> {
  if (isInteractive()) return readSelection(question, createMultiSelection(choices, initial))
  const names = (await readPiped(describeChoices(question, choices), { flag })).split(',').map((name) => name.trim())
  return names.filter((name) => name !== '').map((name) => requireChoice(name, choices))
}

const describeChoices = (question: string, choices: readonly Choice[]) =>
  `${question} (${choices.map(({ value }) => value).join(', ')})`

const bold = (text: string) => styleText('bold', text, { stream: process.stderr })

function requireChoice(name: string, choices: readonly Choice[]): string {
  const choice = choices.find(({ value, label }) => value === name || label === name)
  if (choice) return choice.value
  throw new CommandError(`"${name}" is not one of the choices.`, {
    detail: `Choices: ${choices.map(({ value }) => value).join(', ')}`,
  })
}

type Read = (prompt: string) => Promise<string>

async function promptUntilValid(prompt: string, options: PromptOptions, read: Read): Promise<string> {
  for (;;) {
    const answer = await readAnswer(prompt, options, read)
    const reason = options.validate?.(answer)
    if (reason === undefined) return answer
    if (!isInteractive()) throw new CommandError(reason, { hint: `pass a different ${options.flag}.` })
    process.stderr.write(`${reason}\n`)
  }
}

const readAnswer = (prompt: string, options: PromptOptions, read: Read): Promise<string> =>
  isInteractive() ? read(prompt) : readPiped(prompt, options)

function readLine(prompt: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true, historySize: 0 })
  return new Promise<string>((resolve, reject) => {
    const onEnd = () => reject(cancel(''))
    lines.once('SIGINT', () => {
      lines.off('close', onEnd)
      reject(cancel('^C'))
    })
    lines.once('close', onEnd)
    lines.question(prompt, (answer) => {
      lines.off('close', onEnd)
      resolve(answer)
    })
  }).finally(() => lines.close())
}

function cancel(echo: string): Canceled {
  process.stderr.write(`${echo}\n`)
  return new Canceled('')
}

async function readMasked(prompt: string): Promise<string> {
  let typed = ''
  const showPrompt = () => process.stderr.write(prompt)
  await readKeys(showPrompt, ({ name, ctrl, sequence = '' }) => {
    const remaining = name === 'backspace' ? typed.slice(0, -1) : ctrl && name === 'u' ? '' : typed
    const added = !ctrl && /^[\P{C}]+$/u.test(sequence) ? sequence : ''
    process.stderr.write('\b \b'.repeat(typed.length - remaining.length) + '*'.repeat(added.length))
    typed = remaining + added
    return name === 'return' || name === 'enter'
  })
  process.stderr.write('\n')
  return typed
}

/** Redraws the list in place until Enter, then replaces it with the selected labels. */
async function readSelection(question: string, initial: Selection): Promise<string[]> {
  const { stderr } = process
  let list = initial
  let height = 0
  const show = (lines: readonly string[]) => {
    stderr.write(`${height > 0 ? `\x1b[${height}A` : ''}\r\x1b[J${lines.map((line) => `${line}\n`).join('')}`)
    height = lines.length
  }
  const redraw = () => show(renderSelection(question, list, stderr.columns || 80))
  await readKeys(redraw, (key) => {
    const isEnter = key.name === 'return' || key.name === 'enter'
    if (isEnter) return list.checked !== null || selectedValues(list).length > 0
    list = handleKey(list, key)
    redraw()
    return false
  })
  const values = selectedValues(list)
  const labels = list.choices.filter(({ value }) => values.includes(value)).map(({ label }) => label)
  show([`? ${question}: ${labels.join(', ') || 'none'}`])
  return values
}

/** Passes each key to `onKey` until it returns true.
 *  @param showPrompt called once the terminal no longer echoes. @throws Canceled on Ctrl-C, Ctrl-D and end of input */
async function readKeys(showPrompt: () => void, onKey: (key: Key) => boolean): Promise<void> {
  const { stdin } = process
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.resume()
  try {
    showPrompt()
    for await (const [, key] of on(stdin, 'keypress', { close: ['end'] }) as AsyncIterable<[string, Key]>) {
      if (key.ctrl && (key.name === 'c' || key.name === 'd')) throw cancel(key.name === 'c' ? '^C' : '')
      if (onKey(key)) return
    }
    throw cancel('')
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
  }
}

/** The lines of piped input. One reader for all prompts, because it reads ahead. */
let pipedLines: AsyncIterator<string> | undefined

async function nextPipedLine(): Promise<IteratorResult<string>> {
  // Unread input must not keep the process alive: the output of `yes` never ends.
  const stdin: { ref?(): void; unref?(): void } = process.stdin
  pipedLines ??= createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]()
  stdin.ref?.()
  const line = await pipedLines.next()
  stdin.unref?.()
  return line
}

async function readPiped(prompt: string, { flag, initial }: PromptOptions): Promise<string> {
  const line = process.stdin.isTTY ? { done: true, value: '' } : await nextPipedLine()
  if (!line.done) return line.value || (initial ?? '')
  if (initial !== undefined) return initial
  const question = stripVTControlCharacters(prompt)
    .replace(/^> /, '')
    .replace(/(?: \(yes\/no\)|:) $/, '')
  throw new CommandError(`Cannot prompt for "${question}": stdin is not a terminal.`, {
    hint: `pass ${flag}.`,
  })
}
