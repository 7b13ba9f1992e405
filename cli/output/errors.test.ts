import { expect, test } from 'vitest'
import { ApiError } from '../../api/errors.ts'
import { CommandError, describeError, describeTrace } from './errors.ts'

test('an API error is described with its detail and every validation', () => {
  const error = new ApiError(400, 'Validation failed.', { validations: [{ field: 'name', detail: 'is taken' }] })
  expect(describeError(error)).toBe('Validation failed.\n  name: is taken')
})

test('a missing session or an unreachable deployment comes with the next step', () => {
  expect(describeError(new ApiError(401, 'Not signed in.'))).toContain('hint: sign in with `coder login`.')
  expect(describeError(new ApiError(0, 'Could not reach the deployment.'))).toContain('`coder server` starts one')
  const detail = 'https://127.0.0.1:3000/: write EPROTO error:0A00010B:SSL routines::wrong version number:'
  expect(describeError(new ApiError(0, 'Could not reach the deployment.', { detail }))).toContain(
    'hint: the server does not use TLS: use an http:// URL.',
  )
})

test('each line of a diagnostic is indented below the message', () => {
  const error = new CommandError('The import failed.', {
    detail: 'main.tf:3: unknown\n  3 | x\n    | ^',
    hint: 'fix it.',
  })
  expect(describeError(error).split('\n')).toEqual([
    'The import failed.',
    '  main.tf:3: unknown',
    '    3 | x',
    '      | ^',
    '  hint: fix it.',
  ])
})

test('the trace lists failed requests and stack frames', () => {
  const cause = new ApiError(404, 'Resource not found.', { request: 'GET http://127.0.0.1:3000/api/v2/users/me' })
  const lines = describeTrace(new CommandError('User not found.', { cause }))
  expect(lines).toEqual(
    expect.arrayContaining(['caused by: Resource not found.', 'GET http://127.0.0.1:3000/api/v2/users/me: 404']),
  )
  expect(lines[0]).toMatch(/^at .*errors\.test\.ts/)
})
