// All functions of the language but `try` and `can`, which the evaluator knows itself because they look at failures.

import { collectionFunctions } from './collections.ts'
import { conversionFunctions } from './conversion.ts'
import { dateFunctions } from './dates.ts'
import { encodingFunctions } from './encoding.ts'
import { fileFunctions } from './files.ts'
import type { FunctionTable } from './function.ts'
import { networkFunctions } from './networks.ts'
import { numberFunctions } from './numbers.ts'
import { secretFunctions } from './secrets.ts'
import { stringFunctions } from './strings.ts'

export const functions: FunctionTable = {
  ...collectionFunctions,
  ...conversionFunctions,
  ...dateFunctions,
  ...encodingFunctions,
  ...fileFunctions,
  ...networkFunctions,
  ...numberFunctions,
  ...secretFunctions,
  ...stringFunctions,
}
