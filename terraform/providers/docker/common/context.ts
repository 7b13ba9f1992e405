// The workspace and machine context of the `docker` provider.

export interface DockerContext {
  /** The deployment's data folder. Without it, containers have no agent of the deployment. */
  readonly dataDir?: string
  /** `bin` in the folder of the installed agent. */
  readonly agentBinDir?: string
  /** Stored in a label of each created object: the provider removes no object of another workspace. */
  readonly workspaceId: string
  /** DOCKER_HOST and related variables, HOME and XDG_RUNTIME_DIR determine the engine. */
  readonly environment: Readonly<Record<string, string | undefined>>
}
