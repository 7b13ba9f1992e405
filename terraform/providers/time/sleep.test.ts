import { expect, test } from 'vitest'
import { build, templateOf } from '../../testing/build-fixture.ts'
import { timeProvider } from './provider.ts'

const sleep = (duration: string) =>
  templateOf(`
terraform {
  required_providers {
    time = { source = "hashicorp/time" }
  }
}
resource "time_sleep" "a" {
  create_duration  = "${duration}"
  destroy_duration = "1ms"
}
output "id" {
  value = time_sleep.a.id
}`)

test('a sleep ends after its duration, and its id is the time', async () => {
  const { state, diagnostics } = await build(sleep('2ms'), { providers: [timeProvider] })
  expect(diagnostics).toEqual([])
  expect(state.outputs.id?.value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  const destroyed = await build(sleep('2ms'), { providers: [timeProvider], state, mode: 'destroy' })
  expect(destroyed.state.resources).toEqual([])
})

test('a cancel ends a sleep, and the state has no object', async () => {
  const controller = new AbortController()
  const { state, diagnostics } = await build(sleep('1h'), {
    providers: [timeProvider],
    signal: controller.signal,
    onEvent: (event) => {
      if (JSON.stringify(event).includes('time_sleep.a')) controller.abort()
    },
  })
  expect(diagnostics.map(({ summary }) => summary)).toContain('Canceled')
  expect(state.resources).toEqual([])
})
