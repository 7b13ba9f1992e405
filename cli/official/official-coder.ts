// Runs Coder's own command line against our coderd, for the tests in this folder. They assert output that carries data of
// our server, not the official command line's sentences.

import { globSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { startTestServer, type TestServer } from '../../server/testing/start-test-server.ts'
import { createCliUser, type Outcome } from '../testing/run-coder.ts'

/** The program built by .ci/official-client.sh, if present. */
export const officialCoder: string | undefined =
  process.env.CODER_LOCAL_OFFICIAL_CODER ?? globSync(join(homedir(), '.cache/coder-local-ci/coder-cli-*/coder'))[0]

export interface OfficialCli {
  readonly server: TestServer
  /** The home folder of the user, which is also the working directory. */
  readonly home: string
  run(
    args: readonly string[],
    more?: { readonly input?: string | Uint8Array; readonly env?: NodeJS.ProcessEnv },
  ): Promise<Outcome>
  /** Asserts that the command succeeds. */
  stdoutOf(...args: string[]): Promise<string>
  /** Asserts that the command fails. */
  stderrOf(...args: string[]): Promise<string>
  /** The parsed output with `--output json`. */
  // biome-ignore lint/suspicious/noExplicitAny: the assertions define the type.
  json(...args: string[]): Promise<any>
  /** The rows of the printed table, by heading. */
  table(...args: string[]): Promise<Record<string, string>[]>
}

/** A suite whose tests run Coder's command line against one coderd.
 *  @param open starts coderd; by default one with an owner, as whom the command line is signed in */
export function describeOfficialCli(
  name: string,
  define: (cli: OfficialCli) => void,
  open: () => Promise<TestServer> = () => startTestServer({ disableRateLimits: 'true' }),
): void {
  describe(name, requires('official coder'), () => {
    let server: TestServer
    const cliUser = createCliUser({}, [officialCoder as string])
    beforeAll(async () => {
      server = await open()
    })
    afterAll(async () => {
      cliUser.remove()
      await server.close()
    })
    const run: OfficialCli['run'] = (args, { input, env } = {}) =>
      cliUser.coder(args, { CODER_URL: server.url, CODER_SESSION_TOKEN: server.token, ...env }, input)
    const stdoutOf: OfficialCli['stdoutOf'] = async (...args) => {
      const { status, stdout, stderr } = await run(args)
      expect({ args, status, stderr: status === 0 ? '' : stderr }).toMatchObject({ status: 0 })
      return stdout
    }
    define({
      get server() {
        return server
      },
      home: cliUser.home,
      run,
      stdoutOf,
      async stderrOf(...args) {
        const { status, stdout, stderr } = await run(args)
        expect({ args, status, stdout }).toMatchObject({ status: 1 })
        return stderr
      },
      json: async (...args) => JSON.parse(await stdoutOf(...args, '--output', 'json')),
      table: async (...args) => readTable(await stdoutOf(...args)),
    })
  })
}

/** @param text a table with headings, whose columns are separated by at least two spaces */
export function readTable(text: string): Record<string, string>[] {
  const [heading = '', ...lines] = text.trimEnd().split('\n')
  const columns = [...heading.matchAll(/\S+(?: \S+)*/g)].map(({ 0: name, index }) => ({ name, start: index }))
  return lines.map((line) =>
    Object.fromEntries(
      columns.map(({ name, start }, at) => [name, line.slice(start, columns[at + 1]?.start).trim()] as const),
    ),
  )
}
