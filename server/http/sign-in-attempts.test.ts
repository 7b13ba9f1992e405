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
  fail(40)
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

test('all loopback addresses are one peer, and so are the addresses of an IPv6 network', () => {
  for (let at = 1; at <= 6; at++) fail(1, 'ada@example.com', `127.0.0.${at}`)
  expect(isAdmitted('ada@example.com', '127.9.9.9')).toBe(false)
  expect(isAdmitted('ada@example.com', '::1')).toBe(false)
  for (let at = 1; at <= 6; at++) fail(1, 'eve@example.com', `2001:db8:1:1::${at}`)
  expect(isAdmitted('eve@example.com', '2001:db8:1:1::77')).toBe(false)
  expect(isAdmitted('eve@example.com', '2001:db8:1:2::77')).toBe(true)
})

test('failures from many addresses delay the account for all peers, for at most four seconds', () => {
  for (let at = 1; at <= 200; at++) fail(1, 'ada@example.com', `10.0.1.${at}`)
  expect(isAdmitted('ada@example.com', '10.0.2.1')).toBe(false)
  expect(isAdmitted('eve@example.com', '10.0.2.1')).toBe(true)
  now += 4_000
  expect(isAdmitted('ada@example.com', '10.0.2.1')).toBe(true)
})
