// Records the outcomes of HCL's own hcldec in the cases: `node terraform/hcldec/record.ts`. Prints cases in which ours
// differs.

import { findHcl, readCases, runOurs, runReal, writeCases } from './case-file.ts'

const hcl = findHcl()
if (!hcl) throw new Error('hcldec is not installed. Run .ci/hcl.sh.')

const cases = readCases()
const real = runReal(hcl.hcldec, cases)
const ours = runOurs(cases)
const recorded = cases.map(({ spec, files, args }, index) => ({ spec, files, args, outcome: real[index] }))
writeCases(recorded.map(({ outcome, ...invocation }) => ({ ...invocation, ...(outcome && { outcome }) })))
for (const [index, hcldecCase] of recorded.entries()) {
  if (JSON.stringify(hcldecCase.outcome) === JSON.stringify(ours[index])) continue
  process.stdout.write(`${JSON.stringify(hcldecCase)}\n  ours ${JSON.stringify(ours[index])}\n`)
}
