// Shortages of disk space and file descriptors: the deployment reports them, loses no data, and recovers by itself.

import { once } from 'node:events'
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { createToken } from '../../api/account/api-keys.ts'
import type { ApiError } from '../../api/errors.ts'
import { limitOpenFiles, sufficientOpenFiles } from '../../server/testing/limit-open-files.ts'
import { readAllFiles } from '../../server/testing/read-all-files.ts'
import { importVersion, until } from '../../server/testing/workspace-fixtures.ts'
import { attach, closeDeployments, deployWithWorkspace } from '../support/deployment-fixture.ts'
import { isAlive } from '../support/processes.ts'
import { explainMissingSmallDisk, mountSmallDisk } from '../support/small-disk.ts'

test.afterEach(closeDeployments)

const sum = 'echo $((40+2))'
/** The result is in the line of the prompt if the input was typed before the shell started. */
const answer = /^(\S+ )?42$/m

test('a deployment reports a full disk and continues when space is available again', async () => {
  const missing = explainMissingSmallDisk()
  test.skip(missing !== undefined, missing)
  test.setTimeout(180_000)
  const disk = await mountSmallDisk('600m')
  try {
    const fixture = await deployWithWorkspace({ dataDir: join(disk.folder, 'data') })
    const { deployment, client, workspace } = fixture
    const terminal = await attach(fixture)
    const filling = join(disk.folder, 'filling')
    fill(filling)
    const { message } = await until('the database to report the full disk', async () => {
      const body = { token_name: `token-${Math.random()}`.replace('.', '') }
      return client.call(createToken, { params: { user: 'me' }, body }).then(
        () => null,
        (error: ApiError) => error,
      )
    })
    expect(message).toContain('The disk of the database is full.')
    await expect(importVersion(client, { 'main.tf': 'locals { a = 1 }' })).rejects.toThrow(/full|run out/)
    terminal.type(`head -c 4000000 /dev/urandom | base64 -w 100; ${sum}\r`)
    await terminal.waitForText(answer)

    rmSync(filling)
    await until('changes to succeed again', () =>
      client.call(createToken, { params: { user: 'me' }, body: { token_name: 'afterwards' } }).then(
        () => true,
        () => false,
      ),
    )
    await importVersion(client, { 'main.tf': 'locals { a = 1 }' })
    const storedTerminals = join(deployment.dataDir, 'workspaces', workspace.id, 'terminals')
    await until(
      'the terminal to be stored again',
      async () => {
        terminal.type('echo kept-$((40+2))\r')
        await new Promise((resolve) => setTimeout(resolve, 1_000)) // typing speed
        return readAllFiles(storedTerminals).some((text) => text.includes('kept-42'))
      },
      60_000,
    )
  } finally {
    await closeDeployments()
    await disk.unmount()
  }
})

test('coderd survives the limit of open files and accepts connections afterward', async () => {
  test.skip(process.platform !== 'linux', 'prlimit of Linux is needed to set the limit of a running process')
  const fixture = await deployWithWorkspace()
  const { deployment, client } = fixture
  const terminal = await attach(fixture)
  const { pid } = deployment.run()
  const idleSockets: Socket[] = []
  limitOpenFiles(pid, readdirSync(`/proc/${pid}/fd`).length + 4)
  try {
    const { hostname, port } = new URL(deployment.url)
    for (let at = 0; at < 50; at++) idleSockets.push(connect(Number(port), hostname).on('error', () => undefined))
    await Promise.all(idleSockets.map((socket) => once(socket, 'connect')))
    await expect(attach(fixture)).rejects.toThrow()
    await until('the log message', () =>
      deployment.output().includes('This program has reached its limit of open files'),
    )
    terminal.type(`${sum}\r`)
    await terminal.waitForText(answer)
    expect(isAlive(pid)).toBe(true)
  } finally {
    limitOpenFiles(pid, sufficientOpenFiles)
    for (const socket of idleSockets) socket.destroy()
  }
  const another = await until('a terminal to be attached', () => attach(fixture).catch(() => null))
  another.type(`${sum}\r`)
  await another.waitForText(answer)
  await client.call(createToken, { params: { user: 'me' }, body: { token_name: 'afterwards' } })
  expect(deployment.run().pid).toBe(pid)
})

/** Writes a file until the disk is full. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (const pieceBytes of [1024 * 1024, 4096]) {
      const piece = Buffer.alloc(pieceBytes)
      try {
        while (writeSync(file, piece) > 0) {
          // Until the disk is full.
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(file)
  }
}
