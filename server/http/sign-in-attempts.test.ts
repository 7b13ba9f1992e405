import { beforeEach, expect, test } from 'vitest'
import { createSignInAttempts, type SignInAttempts } from './sign-in-attempts.ts'

let now: number
let attempts: SignInAttempts
beforeEach(() => {
  now = 1_000_000
  attempts = createSignInAttempts(() => now)
})

const fail = (times: number, account = 'ada@example.com', ip = '10.0.0.1') => {
  for (let at = 0; at < times; at++) attempts.fail(account, ip)
}
const isAdmitted = (account = 'ada@example.com', ip = '10.0.0.1') => {
  try {
    attempts.admit(account, ip)
    return true
  } catch (error) {
    expect(error).toMatchObject({ status: 429 })
    return false
  }
}

test('a few failures cause no delay', () => {
  fail(4)
  expect(isAdmitted()).toBe(true)
})

test('further failures double the delay, up to a minute', () => {
  fail(5)
  for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
    now += waitMs - 1
    expect(isAdmitted()).toBe(false)
    now += 1
    expect(isAdmitted()).toBe(true)
    fail(1)
  }
})

test('the delay does not apply to other addresses or accounts', () => {
  fail(50)
  expect(isAdmitted('ada@example.com', '10.0.0.2')).toBe(true)
  expect(isAdmitted('eve@example.com')).toBe(true)
  expect(isAdmitted('ADA@example.com')).toBe(false)
})

test('failures are reset by a success and after a while', () => {
  fail(6)
  attempts.succeed('ada@example.com', '10.0.0.1')
  expect(isAdmitted()).toBe(true)
  fail(6)
  now += 15 * 60_000
  fail(1)
  expect(isAdmitted()).toBe(true)
})

test('the number of stored failures is limited', () => {
  for (let at = 0; at < 10_050; at++) fail(6, `name-${at}`)
  expect(isAdmitted('name-0')).toBe(true)
  expect(isAdmitted('name-10049')).toBe(false)
})
