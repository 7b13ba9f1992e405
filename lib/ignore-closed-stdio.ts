// Lets a process outlive whoever reads what it writes down: a log that nobody takes is no reason to end.

/** Without this the next line written to a closed pipe is an uncaught error. */
export function ignoreClosedStdio(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}
