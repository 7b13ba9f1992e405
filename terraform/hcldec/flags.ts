// Parses the command line: the flags of HCL's own `hcldec`, in all forms that it accepts.

export interface Flags {
  spec: string
  out: string
  diags: string
  vars: string[]
  'var-refs': boolean
  'with-type': boolean
  'keep-nulls': boolean
  version: boolean
  help: boolean
}

type FlagName = keyof Flags

interface FlagDescription {
  readonly short?: string
  /** The name of the value in the help; undefined for boolean flags. */
  readonly value?: string
  readonly help: string
}

const flags: Readonly<Record<FlagName, FlagDescription>> = {
  diags: { value: 'string', help: 'format any returned diagnostics in the given format; only "json" is accepted' },
  help: { short: 'h', help: 'show this help' },
  'keep-nulls': { help: 'retain object properties that have null as their value (they are removed by default)' },
  out: { short: 'o', value: 'string', help: 'write to the given file, instead of stdout' },
  spec: { short: 's', value: 'string', help: 'path to spec file (required)' },
  'var-refs': {
    help: 'rather than decoding input, produce a JSON description of the variables referenced by it',
  },
  vars: { short: 'V', value: 'json-or-file', help: 'provide variables to the given configuration file(s)' },
  version: { short: 'v', help: 'show the version number and immediately exit' },
  'with-type': {
    help: 'include an additional object level at the top describing the HCL-oriented type of the result value',
  },
}

export const usage = (): string => {
  const lines = Object.entries(flags).map(([name, { short, value, help }]) => {
    const written = `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`
    return `  ${written.padEnd(26)}${help}\n`
  })
  return `usage: hcldec --spec=<spec-file> [options] [hcl-file ...]\n${lines.join('')}`
}

/** An invalid command line. */
export class FlagError extends Error {}

export interface CommandLine {
  readonly flags: Readonly<Flags>
  readonly files: readonly string[]
}

/** @throws FlagError */
export function readCommandLine(args: readonly string[]): CommandLine {
  const reader = new ArgumentReader(args)
  reader.read()
  return reader
}

class ArgumentReader implements CommandLine {
  readonly flags: Flags = {
    spec: '',
    out: '',
    diags: '',
    vars: [],
    'var-refs': false,
    'with-type': false,
    'keep-nulls': false,
    version: false,
    help: false,
  }
  readonly files: string[] = []
  readonly #rest: string[]

  constructor(args: readonly string[]) {
    this.#rest = [...args]
  }

  read(): void {
    for (let arg = this.#rest.shift(); arg !== undefined; arg = this.#rest.shift()) {
      if (arg === '--') this.files.push(...this.#rest.splice(0))
      else if (arg.startsWith('--')) this.#readLong(arg)
      else if (arg.startsWith('-') && arg !== '-') this.#readShort(arg.slice(1))
      else this.files.push(arg)
    }
  }

  #readLong(arg: string): void {
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? []
    if (!Object.hasOwn(flags, name)) throw new FlagError(`unknown flag: --${name}`)
    this.#set(name as FlagName, value, `--${name}`)
  }

  /** `-sFILE`, `-s FILE` and `-s=FILE`; boolean flags can be combined. */
  #readShort(letters: string): void {
    const letter = letters.slice(0, 1)
    const found = Object.entries(flags).find(([, { short }]) => short === letter)
    if (!found) throw new FlagError(`unknown shorthand flag: '${letter}' in -${letters}`)
    const name = found[0] as FlagName
    const rest = letters.slice(1)
    if (flags[name].value)
      this.#set(name, rest === '' ? undefined : rest.replace(/^=/, ''), `'${letter}' in -${letters}`)
    else {
      this.#set(name, undefined, letter)
      if (rest !== '') this.#readShort(rest)
    }
  }

  #set(name: FlagName, provided: string | undefined, written: string): void {
    if (!flags[name].value) {
      const isOn = booleans[provided ?? 'true']
      if (isOn === undefined)
        throw new FlagError(`invalid argument "${provided}" for "--${name}" flag: use true or false`)
      Object.assign(this.flags, { [name]: isOn })
      return
    }
    const value = provided ?? this.#rest.shift()
    if (value === undefined) throw new FlagError(`flag needs an argument: ${written}`)
    if (name === 'vars') this.flags.vars.push(value)
    else Object.assign(this.flags, { [name]: value })
  }
}

const booleans: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false])),
}
