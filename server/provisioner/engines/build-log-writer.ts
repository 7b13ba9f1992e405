// Writes build log lines of the embedded engine by stage, and diagnostics with their source location and
// a caret.

import type { Diagnostic } from '../../../terraform/diagnostics/diagnostic.ts'
import { formatDiagnostic } from '../../../terraform/diagnostics/format-diagnostic.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'
import type { BuildStage, EngineWatch } from '../../jobs/engine.ts'

export interface Say {
  line(level: 'debug' | 'info' | 'warn' | 'error', text: string): void
  diagnostics(diagnostics: readonly Diagnostic[]): void
}

export function saying(stage: BuildStage, template: Template, watch: EngineWatch): Say {
  const line: Say['line'] = (level, text) => {
    for (const output of text.split(/\r?\n/)) watch.onLog({ stage, level, output })
  }
  return {
    line,
    diagnostics(diagnostics) {
      for (const diagnostic of diagnostics) {
        line(diagnostic.severity === 'error' ? 'error' : 'warn', formatDiagnostic(diagnostic, template.sources))
      }
    },
  }
}
