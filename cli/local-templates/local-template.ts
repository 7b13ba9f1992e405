// Opens a template in a local folder and prints its diagnostics, for commands that need no deployment.

import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import type { WriteStream } from 'node:tty'
import type { Diagnostic } from '../../terraform/diagnostics/diagnostic.ts'
import type { Source } from '../../terraform/diagnostics/source.ts'
import { openTemplate, type Template } from '../../terraform/engine/template/template.ts'
import type { HostContext } from '../../terraform/providers/host/context.ts'
import { diagnosticToText } from '../../terraform/show/diagnostic-text.ts'
import { CommandError } from '../output/errors.ts'

/** Opens the template in the folder. Modules that are not available locally are reported as warnings. */
export function openLocalTemplate(folder: string): Template {
  return openTemplate(requireFolder(folder), { mayReadOutsideModule: true, allowsMissingModules: true })
}

/** @returns the absolute path. @throws CommandError when the folder does not exist */
function requireFolder(folder: string): string {
  const dir = resolve(folder)
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return dir
  throw new CommandError(`Folder ${folder} not found.`, { hint: 'pass the folder that contains main.tf.' })
}

/** A host context without a workspace. Resources that a template test starts are stored below `dataDir`. */
export function createDetachedHost(dataDir = join(tmpdir(), 'coder-template')): HostContext {
  return {
    dataDir,
    workspaceId: randomUUID(),
    agentBinDir: dirname(process.execPath),
    environment: process.env,
    bootId: '',
  }
}

/** Writes errors to stderr and warnings to stdout, like OpenTofu. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], { dir, sources }: DiagnosticSources): void {
  for (const diagnostic of diagnostics) {
    const stream = diagnostic.severity === 'error' ? process.stderr : process.stdout
    stream.write(describeDiagnostic(diagnostic, { dir, sources }, stream))
  }
}

interface DiagnosticSources {
  readonly dir: string
  readonly sources: readonly Source[]
}

const describeDiagnostic = (diagnostic: Diagnostic, { dir, sources }: DiagnosticSources, stream: WriteStream) =>
  diagnosticToText(diagnostic, sources, {
    isColored: isColored(stream),
    shownPath: (file) => shownPath(resolve(dir, file)),
  })

/** Relative to the working directory, unless the absolute path is shorter. */
function shownPath(path: string): string {
  const near = relative(process.cwd(), path)
  return near.length < path.length ? near : path
}

/** `hasColors` respects NO_COLOR and FORCE_COLOR. */
const isColored = (stream: WriteStream): boolean => stream.isTTY && stream.hasColors()

/** For a command that has already printed its diagnostics. */
export function setFailureExitCode(): void {
  process.exitCode = 1
}
