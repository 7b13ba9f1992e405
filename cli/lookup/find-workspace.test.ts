import { expect, test } from 'vitest'
import { parseWorkspaceName } from './find-workspace.ts'

test('a workspace name may be preceded by its owner', () => {
  expect(parseWorkspaceName('brave-otter')).toEqual({ user: 'me', workspacename: 'brave-otter' })
  expect(parseWorkspaceName('dev/brave-otter')).toEqual({ user: 'dev', workspacename: 'brave-otter' })
})

test.each(['', 'dev/', '/otter', 'a/b/c'])('"%s" is not a workspace name', (text) => {
  expect(() => parseWorkspaceName(text)).toThrow('is not a workspace name')
})
