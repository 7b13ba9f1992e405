/** The agent that authenticated a request, as recorded by its latest build. */
export interface AgentPrincipal {
  readonly agentId: string
  readonly name: string
  readonly workspaceId: string
  readonly ownerId: string
  readonly buildId: string
}
