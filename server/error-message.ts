// Messages of errors, for users.

/** The message with that of the cause: fetch wraps the error of a failed connection. */
export function messageWithCause(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}
