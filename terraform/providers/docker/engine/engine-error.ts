// Errors of a Docker engine and of the connection to it, with the next step.

/** The engine answered with an error. */
export class EngineError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'EngineError'
    this.status = status
  }
}

export class EngineUnreachableError extends Error {
  /** @param reason without a final period */
  constructor(url: string, reason: string, options?: ErrorOptions) {
    super(`Could not connect to the Docker engine at ${url}: ${reason}. ${advice(url, options?.cause)}`, options)
    this.name = 'EngineUnreachableError'
  }
}

function advice(url: string, cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  if (code === 'EACCES')
    return 'This user may not use the socket. Add the user to the group "docker" and sign in again, or use rootless Docker.'
  if (url.startsWith('ssh:'))
    return `Check that "ssh ${url}" works without a password, and that Docker is installed there.`
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return 'Install and start Docker, Docker Desktop, Podman or Colima, or set DOCKER_HOST to the address of an engine.'
  return 'Check the address in DOCKER_HOST, in the Docker context or in the provider block.'
}

export const isNotFound = (error: unknown): boolean => error instanceof EngineError && error.status === 404
export const isConflict = (error: unknown): boolean => error instanceof EngineError && error.status === 409
