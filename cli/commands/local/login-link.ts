// `coder login-link`: prints a one-time sign-in link for the user of this computer.

import { createLoginLink, type GlobalOptions, requireLocalDeployment } from '../../connection/local-deployment.ts'
import { print } from '../../output/print.ts'

export async function loginLink(_args: readonly string[], options: GlobalOptions): Promise<void> {
  print(await createLoginLink(await requireLocalDeployment(options)))
}
