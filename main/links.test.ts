import { expect, test } from 'vitest'
import { mayOpenExternally, webOrigin } from './links.ts'

test('the origin of a web address distinguishes ports and hosts', () => {
  expect(webOrigin('http://127.0.0.1:3000/workspaces#code=x')).toBe('http://127.0.0.1:3000')
  expect(webOrigin('http://127.0.0.1:3000.evil.example/')).toBe(null)
  expect(webOrigin('http://127.0.0.1:3000@evil.example/')).toBe('http://evil.example')
  expect(webOrigin('file:///etc/passwd')).toBeNull()
})

test.each(['file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share', 'ms-settings:', '', 7, null])(
  '%s is not opened in the default browser',
  (url) => expect(mayOpenExternally(url)).toBe(false),
)
