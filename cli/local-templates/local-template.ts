// Templates in a folder on this computer, for the commands that need no deployment: opening them, and telling what is
// wrong with them as a terminal or a pipeline wants it.

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

/** The template of the folder. Modules that would have to be downloaded are told as warnings. */
export function openLocalTemplate(folder: string): Template {
  return openTemplate(requireFolder(folder), { mayReadOutsideModule: true, allowsMissingModules: true })
}

/** Absolute. @throws CommandError when there is no such folder. */
function requireFolder(folder: string): string {
  const dir = resolve(folder)
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return dir
  throw new CommandError(`There is no folder ${folder}.`, { hint: 'name the folder that holds the main.tf.' })
}

/** Nothing of a workspace exists here; what a template starts in a test is put below `dataDir`. */
export function hostOfNoBuild(dataDir = join(tmpdir(), 'coder-template')): HostContext {
  return {
    dataDir,
    workspaceId: randomUUID(),
    agentBinDir: dirname(process.execPath),
    environment: process.env,
    bootId: '',
  }
}

/** Errors go to stderr and warnings to stdout, as OpenTofu does. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], { dir, sources }: Place): void {
  for (const diagnostic of diagnostics) {
    const stream = diagnostic.severity === 'error' ? process.stderr : process.stdout
    stream.write(describeDiagnostic(diagnostic, { dir, sources }, stream))
  }
}

interface Place {
  readonly dir: string
  readonly sources: readonly Source[]
}

const describeDiagnostic = (diagnostic: Diagnostic, { dir, sources }: Place, stream: WriteStream) =>
  diagnosticToText(diagnostic, sources, {
    isColoured: isColoured(stream),
    shownPath: (file) => shownPath(resolve(dir, file)),
  })

/** From where the person is, unless that is the longer way. */
function shownPath(path: string): string {
  const near = relative(process.cwd(), path)
  return near.length < path.length ? near : path
}

/** NO_COLOR and FORCE_COLOR are minded by `hasColors`. */
const isColoured = (stream: WriteStream): boolean => stream.isTTY && stream.hasColors()

/** For a command that has said all there is to say. */
export function endWithFailure(): void {
  process.exitCode = 1
}
