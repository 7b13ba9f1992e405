// All built-in functions except `try` and `can`, which the evaluator implements because they handle errors.

import type { FunctionTable } from '../function.ts'
import { conversionFunctions } from './conversion.ts'
import { dateFunctions } from './dates.ts'
import { encodingFunctions } from './encoding.ts'
import { fileFunctions } from './files.ts'
import { listFunctions } from './lists.ts'
import { mapFunctions } from './maps.ts'
import { networkFunctions } from './networks.ts'
import { numberFunctions } from './numbers.ts'
import { secretFunctions } from './secrets.ts'
import { setFunctions } from './sets.ts'
import { stringFunctions } from './strings.ts'

export const functions: FunctionTable = {
  ...conversionFunctions,
  ...dateFunctions,
  ...encodingFunctions,
  ...fileFunctions,
  ...listFunctions,
  ...mapFunctions,
  ...networkFunctions,
  ...numberFunctions,
  ...secretFunctions,
  ...setFunctions,
  ...stringFunctions,
}
