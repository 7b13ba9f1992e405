// The entry point of `scripts/hcldec`.

import { readFileSync } from 'node:fs'
import { runHcldec } from './run.ts'

const { status, stdout, stderr } = runHcldec(process.argv.slice(2), () => readFileSync(0))
process.stdout.write(stdout)
process.stderr.write(stderr)
process.exitCode = status
