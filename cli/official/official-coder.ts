// Coder's own command line in front of a coderd of ours: the words of the journeys in this folder. What it prints to people
// may be asserted where it carries a meaning of our server's; its sentences are not ours to keep.

import { globSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { startTestServer, type TestServer } from '../../server/testing/start-test-server.ts'
import { createCliUser, type Outcome } from '../testing/run-coder.ts'

/** The program that .ci/official-client.sh builds, where there is one. */
export const officialCoder: string | undefined =
  process.env.CODER_LOCAL_OFFICIAL_CODER ?? globSync(join(homedir(), '.cache/coder-local-ci/coder-cli-*/coder'))[0]

export interface OfficialCli {
  readonly server: TestServer
  /** The home folder of whoever types, and where they type. */
  readonly home: string
  run(
    args: readonly string[],
    more?: { readonly input?: string | Uint8Array; readonly env?: NodeJS.ProcessEnv },
  ): Promise<Outcome>
  /** What it prints, when it succeeds. */
  stdoutOf(...args: string[]): Promise<string>
  /** What it complains of, when it fails. */
  stderrOf(...args: string[]): Promise<string>
  /** What it prints as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever is asserted of it is what it has to be.
  json(...args: string[]): Promise<any>
  /** The lines of the table that it prints, each by the headings. */
  table(...args: string[]): Promise<Record<string, string>[]>
}

/** A describe whose tests drive one coderd with Coder's command line.
 *  @param open starts it; one with an owner, whose session the command line has, is it by itself */
export function describeOfficialCli(
  name: string,
  tell: (journey: OfficialCli) => void,
  open: () => Promise<TestServer> = () => startTestServer({ disableRateLimits: 'true' }),
): void {
  describe(name, requires('official coder'), () => {
    let server: TestServer
    const person = createCliUser({}, [officialCoder as string])
    beforeAll(async () => {
      server = await open()
    })
    afterAll(async () => {
      person.remove()
      await server.close()
    })
    const run: OfficialCli['run'] = (args, { input, env } = {}) =>
      person.coder(args, { CODER_URL: server.url, CODER_SESSION_TOKEN: server.token, ...env }, input)
    const stdoutOf: OfficialCli['stdoutOf'] = async (...args) => {
      const { status, stdout, stderr } = await run(args)
      expect({ args, status, stderr: status === 0 ? '' : stderr }).toMatchObject({ status: 0 })
      return stdout
    }
    tell({
      get server() {
        return server
      },
      home: person.home,
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

/** @param text columns that two spaces or more keep apart, beneath their headings */
export function readTable(text: string): Record<string, string>[] {
  const [heading = '', ...lines] = text.trimEnd().split('\n')
  const columns = [...heading.matchAll(/\S+(?: \S+)*/g)].map(({ 0: name, index }) => ({ name, start: index }))
  return lines.map((line) =>
    Object.fromEntries(
      columns.map(({ name, start }, at) => [name, line.slice(start, columns[at + 1]?.start).trim()] as const),
    ),
  )
}
