// The workspace and machine context of the `docker` provider.

export interface DockerContext {
  /** Stored in a label of each created object: the provider removes no object of another workspace. */
  readonly workspaceId: string
  /** DOCKER_HOST and related variables, HOME and XDG_RUNTIME_DIR determine the engine. */
  readonly environment: Readonly<Record<string, string | undefined>>
}
