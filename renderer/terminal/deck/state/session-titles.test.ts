import { expect, test } from 'vitest'
import type { TerminalSession } from '../../../api/terminals.ts'
import type { Pane } from '../../layout/tree.ts'
import type { PaneStatus } from '../../pane/pane-types.ts'
import {
  describeSession,
  formatLongTitle,
  formatPaneSubtitle,
  formatShortTitle,
  numberWithinFolders,
  shortenFolders,
} from './session-titles.ts'

const pane: Pane = { kind: 'pane', session_id: 's', workspace_id: 'w', agent_name: 'main', profile: '', title: '' }
const idle: PaneStatus = {
  state: { kind: 'live', behindMs: 0 },
  title: '',
  cwd: '/home/dev/work/shop',
  command: undefined,
  isAtPrompt: true,
  restoredFrom: '',
  isReplaced: false,
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

test('the subtitle of a pane is its running command, otherwise its folder and program', () => {
  expect(formatPaneSubtitle(pane, running, home)).toBe('npm run dev')
  expect(formatPaneSubtitle(pane, { ...idle, title: '/usr/bin/zsh' }, home)).toBe('~/work/shop · zsh')
  // Titles that repeat the folder are omitted.
  expect(formatPaneSubtitle(pane, { ...idle, title: 'dev@desk: ~/work/shop' }, home)).toBe('~/work/shop')
  for (const title of ['~/work/shop', '~/w/shop'])
    expect(formatPaneSubtitle(pane, { ...idle, title }, home)).toBe('~/work/shop')
  expect(formatPaneSubtitle(pane, { ...idle, title: '~/w/sho' }, home)).toBe('~/work/shop · ~/w/sho')
  expect(formatPaneSubtitle({ ...pane, title: 'web' }, running, home)).toBe('web · npm run dev')
  expect(formatPaneSubtitle(pane, undefined, home)).toBe('')
})

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
const facts = (listed: Partial<TerminalSession> = {}, status?: PaneStatus, title = '') =>
  describeSession(title, status, { ...session, ...listed }, home)
const short = (...args: Parameters<typeof facts>) => {
  const described = facts(...args)
  return formatShortTitle(described, shortenFolders([described.folder]))
}
const long = (...args: Parameters<typeof facts>) => formatLongTitle(facts(...args))

test('the short title is the running command or program, and the folder of an idle shell', () => {
  expect(short()).toBe('shop')
  expect(short({ cwd: home })).toBe('~')
  expect(short({ cwd: '/' })).toBe('/')
  expect(short({ cwd: 'C:\\work\\shop' })).toBe('shop')
  expect(short({ is_busy: true })).toBe('npm test')
  expect(short({ title: '/usr/bin/htop' })).toBe('htop')
  expect(short({ cwd: '' })).toBe('bash')
  expect(short({}, idle, 'web')).toBe('web')
  expect(formatShortTitle(describeSession('', undefined, undefined, home), new Map())).toBe('')
})

test('the status of a pane overrides the list of the agent', () => {
  expect(short({ title: 'dev@desk: ~' }, { ...idle, cwd: '/srv' })).toBe('srv')
  expect(short({}, running)).toBe('npm run dev')
  expect(short({ title: 'sleep' }, idle)).toBe('shop')
  expect(short({}, { ...idle, cwd: '', state: { kind: 'connecting' } })).toBe('shop')
})

test('folders of the same name are shown with as many parent folders as needed', () => {
  const names = shortenFolders(['~', '~/work/shop/src', '~/work/api/src', '/srv/work/api/src', '/', '/etc', '/etc'])
  expect(Object.fromEntries(names)).toEqual({
    '~': '~',
    '~/work/shop/src': 'shop/src',
    '~/work/api/src': '~/work/api/src',
    '/srv/work/api/src': '/srv/work/api/src',
    '/': '/',
    '/etc': 'etc',
  })
})

test('idle shells in one folder are numbered from the second on, regardless of running commands', () => {
  const shells = numberWithinFolders([
    ['a', '~/shop'],
    ['b', '~'],
    ['c', '~/shop'],
    ['unknown', ''],
    ['also unknown', ''],
  ])
  expect(Object.fromEntries(shells)).toEqual({ a: 1, b: 1, c: 2, unknown: 1, 'also unknown': 1 })
  const names = shortenFolders(['~/work/shop'])
  expect(formatShortTitle(facts(), names, 1)).toBe('shop')
  expect(formatShortTitle(facts(), names, 2)).toBe('shop (2)')
  expect(formatShortTitle(facts({ is_busy: true }), names, 2)).toBe('npm test')
  expect(formatShortTitle(facts({ cwd: '' }), names, 2)).toBe('bash')
  expect(formatShortTitle(facts({}, undefined, 'web'), names, 2)).toBe('web')
  expect(formatLongTitle(facts(), 2)).toBe('~/work/shop (2) · after npm test')
})

test('the long title adds the folder, or the last command of an idle shell', () => {
  expect(long()).toBe('~/work/shop · after npm test')
  expect(long({ last_command: '' })).toBe('~/work/shop')
  expect(long({ is_busy: true })).toBe('npm test · ~/work/shop')
  expect(long({ title: '/usr/bin/htop' })).toBe('htop · ~/work/shop')
  expect(long({}, undefined, 'web')).toBe('web · ~/work/shop · after npm test')
  expect(long({ cwd: '', last_command: '' })).toBe('bash')
  expect(long({ cwd: '/home/dev/work/a-name-that-goes-on/and-on/deep/src', last_command: '' })).toBe(
    '…/and-on/deep/src',
  )
  expect(long({ cwd: `/${'long'.repeat(20)}`, last_command: '' })).toBe(`…/${'long'.repeat(20)}`)
})
