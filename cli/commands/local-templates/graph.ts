// `coder templates graph`: prints the dependency graph of a template for Graphviz or as JSON.

import { hasErrors } from '../../../terraform/diagnostics/diagnostic.ts'
import { toDot } from '../../../terraform/graph/dot.ts'
import { buildDotGraph, isDataSource, resourceDependencies } from '../../../terraform/graph/vertices.ts'
import { bundledProviders } from '../../../terraform/providers/bundled.ts'
import { defaultCoderContext } from '../../../terraform/providers/coder/default-context.ts'
import {
  createDetachedHost,
  openLocalTemplate,
  printDiagnostics,
  setFailureExitCode,
} from '../../local-templates/local-template.ts'
import { printJson } from '../../output/print.ts'

export async function graph([folder = '.']: readonly string[], { output }: { output: string }): Promise<void> {
  const template = openLocalTemplate(folder)
  if (hasErrors(template.diagnostics)) {
    printDiagnostics(template.diagnostics, template)
    return setFailureExitCode()
  }
  if (output === 'json') {
    const resources = [...resourceDependencies(template)].map(([address, needs]) => {
      return { address, mode: isDataSource(address, template) ? 'data' : 'managed', needs }
    })
    return printJson({ resources })
  }
  process.stdout.write(toDot(buildDotGraph(template, bundledProviders(defaultCoderContext(), createDetachedHost()))))
}
