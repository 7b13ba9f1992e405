// Test helpers that plan and apply templates in a fictitious build.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { applyPlan } from '../engine/apply/apply.ts'
import { planTemplate } from '../engine/plan/plan.ts'
import type { EngineEvent } from '../engine/providers/events.ts'
import type { State } from '../engine/state/state.ts'
import { parseTemplate, type Template } from '../engine/template/template.ts'
import type { Provider } from '../provider.ts'
import { type CoderContext, coderProvider } from '../providers/coder/provider.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'

export function coderContext(changes: Partial<CoderContext> = {}): CoderContext {
  return {
    accessUrl: 'http://127.0.0.1:3000',
    transition: 'start',
    workspace: { id: '11111111-1111-4111-8111-111111111111', name: 'dev' },
    buildId: '22222222-2222-4222-8222-222222222222',
    owner: {
      id: '33333333-3333-4333-8333-333333333333',
      name: 'ann',
      fullName: 'Ann Example',
      email: 'ann@example.test',
      groups: ['Everyone'],
      sessionToken: 'session',
      sshPublicKey: 'public',
      sshPrivateKey: 'private',
      loginType: 'password',
      rbacRoles: [],
    },
    template: { id: '44444444-4444-4444-8444-444444444444', name: 'scene', version: 'v1' },
    parameters: {},
    agentInitScript: (os, arch) => `start on ${os} ${arch}`,
    ...changes,
  }
}

export function templateOf(text: string, dir = '/'): Template {
  return parseTemplate(dir, [{ file: 'main.tf', text }])
}

export interface Built {
  readonly state: State
  readonly diagnostics: readonly Diagnostic[]
  /** The planned actions, without unchanged objects: `["create terraform_data.a"]`. */
  readonly changes: readonly string[]
  readonly events: readonly EngineEvent[]
  readonly snapshot: Awaited<ReturnType<typeof applyPlan>>['snapshot']
  readonly planSnapshot: Awaited<ReturnType<typeof applyPlan>>['snapshot']
}

export interface BuildOptions {
  readonly state?: State | null
  readonly mode?: 'apply' | 'destroy'
  readonly coder?: Partial<CoderContext>
  readonly variables?: Readonly<Record<string, string>>
  /** In addition to the `coder` and `terraform` providers. */
  readonly providers?: readonly Provider[]
  readonly signal?: AbortSignal
  readonly onEvent?: (event: EngineEvent) => void
}

/** Plans the template and, if there are no errors, applies the plan. */
export async function build(template: Template, options: BuildOptions = {}): Promise<Built> {
  const events: EngineEvent[] = []
  const onEvent = (event: EngineEvent) => {
    events.push(event)
    options.onEvent?.(event)
  }
  const signal = options.signal ?? new AbortController().signal
  const { plan, diagnostics } = await planTemplate({
    template,
    variables: options.variables ?? {},
    providers: [
      coderProvider(coderContext(options.coder)),
      terraformProvider({ commandEnvironment: process.env }),
      ...(options.providers ?? []),
    ],
    state: options.state ?? null,
    mode: options.mode ?? 'apply',
    signal,
    onEvent,
  })
  const changes = plan.changes
    .filter(({ action }) => action !== 'no-op')
    .map(({ action, address }) => `${action} ${address}`)
  const applied = await applyPlan(plan, { signal, onEvent })
  return {
    state: applied.state,
    diagnostics: plan.isComplete ? [...diagnostics, ...applied.diagnostics] : diagnostics,
    changes: changes.sort(),
    events,
    snapshot: applied.snapshot,
    planSnapshot: plan.snapshot,
  }
}
