// Keeps a process running after the reader of its output has closed the pipe.

/** Without this, a write to a closed pipe is an uncaught error. */
export function ignoreClosedStdio(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}
