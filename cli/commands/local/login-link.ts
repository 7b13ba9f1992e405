// `coder login-link`: a one-time link for the person at this computer.

import { createLoginLink, type GlobalOptions, requireLocalDeployment } from '../../connection/local-deployment.ts'
import { print } from '../../output/print.ts'

export async function loginLink(_args: readonly string[], options: GlobalOptions): Promise<void> {
  print(await createLoginLink(await requireLocalDeployment(options)))
}
