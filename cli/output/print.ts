// Writes results to stdout and everything else (progress, notes) to stderr.

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

/** Progress and remarks. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}
