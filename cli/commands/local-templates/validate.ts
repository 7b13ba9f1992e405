// `coder templates validate`: checks the template in a folder and its tests, without a deployment or values.

import { hasErrors } from '../../../terraform/diagnostics/diagnostic.ts'
import { validateTemplate } from '../../../terraform/engine/validate.ts'
import { checkCoderBlocks } from '../../../terraform/extraction/check-coder-blocks.ts'
import { bundledProviders } from '../../../terraform/providers/bundled.ts'
import { defaultCoderContext } from '../../../terraform/providers/coder/default-context.ts'
import { diagnosticToJson } from '../../../terraform/show/diagnostic-json.ts'
import { decodeTestFile } from '../../../terraform/test/decode-test-file.ts'
import { findTestFiles } from '../../../terraform/test/find-test-files.ts'
import {
  createDetachedHost,
  openLocalTemplate,
  printDiagnostics,
  setFailureExitCode,
} from '../../local-templates/local-template.ts'
import { print, printJson } from '../../output/print.ts'

interface Flags {
  readonly json?: boolean
  /** Warnings fail too, such as a provider that this deployment does not have. */
  readonly strict?: boolean
}

export async function validate([folder = '.']: readonly string[], { json, strict }: Flags): Promise<void> {
  const template = openLocalTemplate(folder)
  const tests = findTestFiles(template.dir, 'tests').map((source) => decodeTestFile(source, template.dir))
  const diagnostics = [
    ...validateTemplate(template, bundledProviders(defaultCoderContext(), createDetachedHost())),
    ...checkCoderBlocks(template),
    ...tests.flatMap((file) => file.diagnostics),
  ]
  const sources = [...template.sources, ...tests]
  const count = (severity: string) => diagnostics.filter((found) => found.severity === severity).length
  const isValid = !hasErrors(diagnostics)
  if (json) {
    printJson({
      format_version: '1.0',
      valid: isValid,
      error_count: count('error'),
      warning_count: count('warning'),
      diagnostics: diagnostics.map((diagnostic) => diagnosticToJson(diagnostic, sources)),
    })
  } else {
    printDiagnostics(diagnostics, { dir: template.dir, sources })
    if (isValid) print(`Success! The template is valid${count('warning') > 0 ? ', but see the warnings above' : ''}.`)
  }
  if (!isValid || (strict && diagnostics.length > 0)) setFailureExitCode()
}
