// Providers whose resources act on the computer of the deployment.

/** Sources, by the usual local name of the provider. */
export const hostProviders: Readonly<Record<string, string>> = {
  docker: 'kreuzwerker/docker',
  host: 'coder-local/host',
  local: 'hashicorp/local',
}
