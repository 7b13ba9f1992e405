import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removeWorkspaceFiles, workspaceDir } from './workspace-dir.ts'

test('terminals and script data are removed with a workspace, files of the user stay', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'coder-local-workspace-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true }))
  const context = { dataDir, workspaceId: 'a', agentBinDir: '', environment: {}, bootId: '' }
  const dir = workspaceDir(context)
  const create = () => {
    for (const folder of ['scripts/main/bin', 'terminals/main']) mkdirSync(join(dir, folder), { recursive: true })
    writeFileSync(join(dir, 'scripts/main/install.log'), 'text')
  }
  create()
  removeWorkspaceFiles(context)
  expect(existsSync(dir)).toBe(false)
  create()
  writeFileSync(join(dir, 'notes.txt'), 'text')
  removeWorkspaceFiles(context)
  expect([existsSync(join(dir, 'notes.txt')), existsSync(join(dir, 'scripts'))]).toEqual([true, false])
})
