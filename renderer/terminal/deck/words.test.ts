import { expect, test } from 'vitest'
import type { TerminalSession } from '../../api/terminals.ts'
import type { Pane } from '../layout/tree.ts'
import type { PaneStatus } from '../pane.ts'
import { paneNote, sessionName, shortPaneName } from './words.ts'

const pane: Pane = { kind: 'pane', session_id: 's', workspace_id: 'w', agent_name: 'main', profile: '', title: '' }
const idle: PaneStatus = {
  state: { kind: 'live', behindMs: 0 },
  title: '',
  cwd: '/home/dev/work/shop',
  command: undefined,
  isAtPrompt: true,
  restoredFrom: '',
  isReadOnly: false,
  isRecording: false,
}
const running: PaneStatus = {
  ...idle,
  command: {
    id: 1,
    command: 'npm run dev',
    cwd: '/home/dev',
    startedAt: 1,
    endedAt: undefined,
    exit: undefined,
    isRunning: true,
  },
}
const home = '/home/dev'

test('a pane is called after what runs in it, then after its folder and program', () => {
  expect(paneNote(pane, running, home)).toBe('npm run dev')
  expect(paneNote(pane, { ...idle, title: '/usr/bin/zsh' }, home)).toBe('~/work/shop · zsh')
  // What a shell says of itself stands beside it already.
  expect(paneNote(pane, { ...idle, title: 'dev@desk: ~/work/shop' }, home)).toBe('~/work/shop')
  expect(paneNote({ ...pane, title: 'web' }, running, home)).toBe('web · npm run dev')
  expect(paneNote(pane, undefined, home)).toBe('')
})

test('a tab has room for a word: what runs, else the last part of the folder, else the workspace', () => {
  expect(shortPaneName(pane, running, 'otter', home)).toBe('npm run dev')
  expect(shortPaneName(pane, idle, 'otter', home)).toBe('shop')
  expect(shortPaneName(pane, { ...idle, cwd: home }, 'otter', home)).toBe('~')
  expect(shortPaneName(pane, { ...idle, cwd: 'C:\\work\\shop' }, 'otter', undefined)).toBe('shop')
  expect(shortPaneName(pane, undefined, 'otter', home)).toBe('otter')
  expect(shortPaneName({ ...pane, title: 'web' }, idle, 'otter', home)).toBe('web')
})

test('in a list a session is called after what runs in it, and a shell that waits after its folder', () => {
  const session: TerminalSession = {
    id: 's',
    pid: 1,
    command: '',
    title: 'bash',
    created_at: '2026-11-30T08:00:00Z',
    clients: 1,
    cols: 80,
    rows: 24,
    state: 'live',
    cwd: '/home/dev/work/shop',
    last_command: 'npm test',
    is_busy: false,
  }
  expect(sessionName(session, undefined, home)).toBe('shop')
  expect(sessionName({ ...session, cwd: home }, undefined, home)).toBe('~')
  expect(sessionName({ ...session, is_busy: true }, undefined, home)).toBe('npm test')
  expect(sessionName({ ...session, title: '/usr/bin/htop' }, undefined, home)).toBe('htop')
  expect(sessionName({ ...session, title: 'dev@desk: ~' }, { ...idle, cwd: '/srv' }, home)).toBe('srv')
  expect(sessionName(session, running, home)).toBe('npm run dev')
  expect(sessionName({ ...session, cwd: '' }, undefined, home)).toBe('bash')
  expect(sessionName({ ...session, cwd: '', title: '' }, undefined, home)).toBe('shell')
})
