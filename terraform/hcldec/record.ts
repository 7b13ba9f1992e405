// Writes into the cases what HCL's own hcldec says: `node terraform/hcldec/record.ts`. Shows where ours says something
// else.

import { findHcl, readCases, runOurs, runReal, writeCases } from './case-file.ts'

const hcl = findHcl()
if (!hcl) throw new Error('There is no hcldec to ask. Run .ci/hcl.sh.')

const asked = readCases()
const real = runReal(hcl.hcldec, asked)
const ours = runOurs(asked)
const recorded = asked.map(({ spec, files, args }, index) => ({ spec, files, args, outcome: real[index] }))
writeCases(recorded.map(({ outcome, ...one }) => ({ ...one, ...(outcome && { outcome }) })))
for (const [index, one] of recorded.entries()) {
  if (JSON.stringify(one.outcome) === JSON.stringify(ours[index])) continue
  process.stdout.write(`${JSON.stringify(one)}\n  ours ${JSON.stringify(ours[index])}\n`)
}
