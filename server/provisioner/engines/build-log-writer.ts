// Writes lines of one stage to the build log, and diagnostics with their source location and a caret.

import type { Diagnostic } from '../../../terraform/diagnostics/diagnostic.ts'
import { formatForLog } from '../../../terraform/diagnostics/log-format.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'
import type { BuildStage, EngineRunOptions } from '../../jobs/engine.ts'

export interface BuildLogWriter {
  /** Splits the text into lines. */
  write(level: 'debug' | 'info' | 'warn' | 'error', text: string): void
  writeDiagnostics(diagnostics: readonly Diagnostic[]): void
}

export function createBuildLogWriter(stage: BuildStage, template: Template, options: EngineRunOptions): BuildLogWriter {
  const write: BuildLogWriter['write'] = (level, text) => {
    for (const output of text.split(/\r?\n/)) options.onLog({ stage, level, output })
  }
  return {
    write,
    writeDiagnostics(diagnostics) {
      for (const diagnostic of diagnostics) {
        write(diagnostic.severity === 'error' ? 'error' : 'warn', formatForLog(diagnostic, template.sources))
      }
    },
  }
}
