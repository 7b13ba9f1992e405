import { expect, test } from 'vitest'
import { hostEnvironment } from './host-environment.ts'

test('the environment excludes variables of coderd and npm', () => {
  const env = {
    HOME: '/home/ada',
    CODER_PG_CONNECTION_URL: 'postgresql://user:secret@host/db',
    npm_config_cache: '/tmp',
    NODE_OPTIONS: '--inspect',
    PATH: '/checkout/node_modules/.bin:/home/ada/bin:/usr/bin',
  }
  expect(hostEnvironment(env)).toEqual({ HOME: '/home/ada', PATH: '/home/ada/bin:/usr/bin' })
})
