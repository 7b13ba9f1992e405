// What a deployment must live through when the computer has too little of something: it says so, loses nothing, and goes
// on by itself when there is enough again.

import { once } from 'node:events'
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { createToken } from '../api/account/api-keys.ts'
import type { ApiError } from '../api/errors.ts'
import { enoughFiles, limitOpenFiles } from '../server/testing/open-files-limit.ts'
import { createThisComputer, importVersion, until } from '../server/testing/scenes.ts'
import { textsUnder } from '../server/testing/texts-under.ts'
import { type Deployment, startDeployment } from './support/deployment.ts'
import { isAlive } from './support/processes.ts'
import { mountSmallDisk, whyNoSmallDisk } from './support/small-disk.ts'
import { openTerminal } from './support/terminal-client.ts'

const opened: Deployment[] = []
const closeAll = async () => {
  for (const deployment of opened.splice(0)) await deployment.close()
}
test.afterEach(closeAll)

async function openScene(dataDir?: string) {
  const deployment = await startDeployment(dataDir ? { dataDir } : {})
  opened.push(deployment)
  const { client, token } = await deployment.signIn()
  const { workspace, agent } = await createThisComputer(client, 'here')
  const attach = () => openTerminal({ url: deployment.url, token, agentId: agent.id })
  return { deployment, client, workspace, attach, terminal: await attach() }
}

const sum = 'echo $((40+2))'
/** Behind the prompt when the shell starts after it was typed to. */
const answer = /^(\S+ )?42$/m

test('a disk that fills up while a deployment runs on it', async () => {
  const missing = whyNoSmallDisk()
  test.skip(missing !== undefined, missing)
  test.setTimeout(180_000)
  const disk = await mountSmallDisk('600m')
  try {
    const { deployment, client, workspace, terminal } = await openScene(join(disk.folder, 'data'))
    const filling = join(disk.folder, 'filling')
    fill(filling)
    const { message } = await until('the database to notice', async () => {
      const body = { token_name: `token-${Math.random()}`.replace('.', '') }
      return client.call(createToken, { params: { user: 'me' }, body }).then(
        () => null,
        (error: ApiError) => error,
      )
    })
    expect(message).toContain('The disk of the database is full.')
    await expect(importVersion(client, { 'main.tf': 'locals { a = 1 }' })).rejects.toThrow(/full|run out/)
    terminal.type(`head -c 4000000 /dev/urandom | base64 -w 100; ${sum}\r`)
    await terminal.shows(answer)

    rmSync(filling)
    await until('changes to be taken again', () =>
      client.call(createToken, { params: { user: 'me' }, body: { token_name: 'afterwards' } }).then(
        () => true,
        () => false,
      ),
    )
    await importVersion(client, { 'main.tf': 'locals { a = 1 }' })
    const kept = join(deployment.dataDir, 'workspaces', workspace.id, 'terminals')
    await until(
      'the terminal to be kept again',
      async () => {
        terminal.type('echo kept-$((40+2))\r')
        await new Promise((resolve) => setTimeout(resolve, 1_000)) // as somebody types
        return textsUnder(kept).some((text) => text.includes('kept-42'))
      },
      60_000,
    )
  } finally {
    await closeAll()
    await disk.unmount()
  }
})

test('a limit of open files that is reached', async () => {
  test.skip(process.platform !== 'linux', 'the limit of a process that runs is set with prlimit of Linux')
  const { deployment, client, attach, terminal } = await openScene()
  const { pid } = deployment.run()
  const crowd: Socket[] = []
  limitOpenFiles(pid, readdirSync(`/proc/${pid}/fd`).length + 4)
  try {
    const { hostname, port } = new URL(deployment.url)
    for (let at = 0; at < 50; at++) crowd.push(connect(Number(port), hostname).on('error', () => undefined))
    await Promise.all(crowd.map((socket) => once(socket, 'connect')))
    await expect(attach()).rejects.toThrow()
    await until('the log to say so', () => deployment.output().includes('This program may open no more files'))
    terminal.type(`${sum}\r`)
    await terminal.shows(answer)
    expect(isAlive(pid)).toBe(true)
  } finally {
    limitOpenFiles(pid, enoughFiles)
    for (const socket of crowd) socket.destroy()
  }
  const another = await until('a terminal to be had', () => attach().catch(() => null))
  another.type(`${sum}\r`)
  await another.shows(answer)
  await client.call(createToken, { params: { user: 'me' }, body: { token_name: 'afterwards' } })
  expect(deployment.run().pid).toBe(pid)
})

/** To the last byte. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (const pieceBytes of [1024 * 1024, 4096]) {
      const piece = Buffer.alloc(pieceBytes)
      try {
        while (writeSync(file, piece) > 0) {
          // until there is no room
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(file)
  }
}
