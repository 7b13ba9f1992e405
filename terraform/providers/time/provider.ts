// The `time` provider: timestamps stored in the state, and delays. It has no effects outside the state, so all templates may
// use it.

import type { Provider } from '../../provider.ts'
import { noBlocks } from '../../provider-schema.ts'
import { timeOffset } from './offset.ts'
import { timeRotating } from './rotating.ts'
import { timeSleep } from './sleep.ts'
import { staticTime } from './static.ts'

export const timeProvider: Provider = {
  name: 'time',
  source: 'hashicorp/time',
  compatibleVersion: '0.14',
  configuration: { attributes: {}, blocks: noBlocks },
  resources: {
    time_offset: timeOffset,
    time_rotating: timeRotating,
    time_sleep: timeSleep,
    time_static: staticTime,
  },
  dataSources: {},
}
