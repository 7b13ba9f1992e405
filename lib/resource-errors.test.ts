import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { explainResourceError } from './resource-errors.ts'
import { requires } from './testing/requirements.ts'

function catchError(act: () => void): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const systemError = (code: string, syscall: string) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall })

test('a full disk is explained with an action and the system message', requires('linux'), () => {
  const full = catchError(() => writeFileSync('/dev/full', 'text'))
  expect(explainResourceError(full)).toMatch(/^The disk is full\. Free some space, and try again \(ENOSPC: .+\)\.$/)
})

test('a process limit is explained; a waiting socket and other errors are not', () => {
  expect(explainResourceError(systemError('EAGAIN', 'spawn coder'))).toContain('allows no more processes')
  expect(explainResourceError(systemError('EAGAIN', 'read'))).toBeNull()
  expect(explainResourceError(catchError(() => writeFileSync('/no/such/folder/file', '')))).toBeNull()
  expect(explainResourceError('EMFILE')).toBeNull()
})
