import { expect, test } from 'vitest'
import { findLinks } from './terminal-links.ts'

const found = (line: string) => findLinks(line).map(({ kind, text }) => `${kind} ${text}`)

test.each([
  ['    at src/cart/coupon.test.ts:41:18', ['file src/cart/coupon.test.ts:41:18']],
  ['main.c:12:3: error: expected ;', ['file main.c:12:3']],
  ['src/app.ts(10,5): error TS2322', ['file src/app.ts(10,5)']],
  ['  File "/usr/lib/python3/dist.py", line 3', ['file /usr/lib/python3/dist.py']],
  ['~/work/shop/ and ../README.md', ['file ~/work/shop', 'file ../README.md']],
  [' M src/cart/totals.ts', ['file src/cart/totals.ts']],
  ['  ➜  Local: localhost:3000/app.', ['address localhost:3000/app']],
  ['http://localhost:3000/a/b.ts and https://example.com/x/y.ts:3', []],
  ['1/2 of 12.5:30, and/or, 2026-11-25 10:20:30, a.b, key: value', []],
])('%s', (line, links) => expect(found(line)).toEqual(links))
