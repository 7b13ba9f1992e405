// Builds templates with the `docker` provider on a test engine.

import type { TestEngine } from '../../../../lib/testing/docker-engine.ts'
import type { State } from '../../../engine/state/state.ts'
import { type Built, build, templateOf } from '../../../testing/build-fixture.ts'
import { dockerProvider } from '../provider.ts'

export interface DockerBuildOptions {
  readonly mode?: 'destroy'
  readonly workspaceId?: string
  /** The template's folder. */
  readonly dir?: string
}

export function runDocker(
  engine: TestEngine,
  text: string,
  state: State | null = null,
  { mode, workspaceId = 'ws-1', dir = '/' }: DockerBuildOptions = {},
): Promise<Built> {
  return build(templateOf(text, dir), {
    providers: [dockerProvider({ workspaceId, environment: { DOCKER_HOST: engine.url } })],
    state,
    ...(mode && { mode }),
  })
}

export const summariesOf = ({ diagnostics }: Built): string[] => diagnostics.map(({ summary }) => summary)
/** The messages of a build's log. */
export const logOf = ({ events }: Built): string[] =>
  events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))
