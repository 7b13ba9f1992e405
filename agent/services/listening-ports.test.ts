import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPorts } from './listening-ports.ts'

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const line = (address: string, state: string, inode: number) =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100 0\n`

test("listening ports are read from the kernel's IPv4 and IPv6 tables, with their process names", async () => {
  const proc = mkdtempSync(join(tmpdir(), 'coder-local-proc-'))
  mkdirSync(join(proc, 'net'))
  mkdirSync(join(proc, '77', 'fd'), { recursive: true })
  mkdirSync(join(proc, 'not-a-process'))
  writeFileSync(
    join(proc, 'net', 'tcp'),
    head +
      line('0100007F:0BB8', '0A', 11) +
      line('0100007F:0BB9', '01', 12) +
      line('00000000:0007', '0A', 13) +
      line('00000000:1F90', '0A', 14),
  )
  writeFileSync(join(proc, 'net', 'tcp6'), head + line('00000000000000000000000000000000:1F91', '0A', 15))
  writeFileSync(join(proc, '77', 'comm'), 'node\n')
  symlinkSync('socket:[11]', join(proc, '77', 'fd', '3'))
  symlinkSync('/dev/null', join(proc, '77', 'fd', '0'))
  symlinkSync('socket:[15]', join(proc, '77', 'fd', '4'))
  expect(await readPorts(proc)).toEqual([
    { port: 3000, network: 'tcp', process_name: 'node' },
    { port: 8080, network: 'tcp', process_name: '' },
    { port: 8081, network: 'tcp', process_name: 'node' },
  ])
})

test('no ports are found without the tables of the kernel', async () => {
  expect(await readPorts(mkdtempSync(join(tmpdir(), 'coder-local-proc-')))).toEqual([])
})
