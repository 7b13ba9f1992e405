// A local port and what its connections need.

import type { PortForward } from '../arguments/port-forwards.ts'
import type { Dialer } from './dialer.ts'
import type { Traffic } from './traffic.ts'

export interface Forward extends PortForward {
  readonly dialer: Pick<Dialer, 'dial'>
  readonly traffic: Traffic
}
