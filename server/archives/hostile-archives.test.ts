// Malicious archives, some created byte by byte because archive libraries refuse to create them.

import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { crc32, deflateRawSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { tarToZip, zipToTar } from './archive.ts'
import { maxEntries } from './archive-entry.ts'
import { checkTar, readTar } from './tar.ts'
import { readZip } from './zip.ts'

async function packTar(...entries: (Partial<Header> & { content?: string })[]): Promise<Buffer> {
  const tar = pack()
  for (const { content = '', ...header } of entries) tar.entry(header as Header, content)
  tar.finalize()
  return await buffer(tar as unknown as Readable)
}

/** A tar with one header that the library would refuse, with a valid checksum. */
function rawTar(write: (header: Buffer) => void): Buffer {
  const header = Buffer.alloc(512)
  header.write('main.tf', 0)
  header.write('0000644\0', 100)
  header.write('00000000000\0', 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\0', 257)
  header.write('00', 263)
  write(header)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, Buffer.alloc(1024)])
}

interface ZipEntry {
  name: string
  content?: Buffer
  /** Declared size and checksum; the actual ones by default. */
  claimedBytes?: number
  claimedChecksum?: number
  mode?: number
  flags?: number
  method?: number
  /** Refers to the bytes of the first entry. */
  sharesFirst?: boolean
}

function packZip(...entries: ZipEntry[]): Buffer {
  const parts: Buffer[] = []
  const list: Buffer[] = []
  let offset = 0
  for (const { name, content = Buffer.from('x'), mode = 0o100644, flags = 0x800, method = 8, ...claims } of entries) {
    const packed = method === 8 ? deflateRawSync(content) : content
    const nameBytes = Buffer.from(name)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(method, 8)
    local.writeUInt16LE(nameBytes.length, 26)
    const listed = Buffer.alloc(46)
    listed.writeUInt32LE(0x02014b50, 0)
    listed.writeUInt16LE(0x0314, 4)
    listed.writeUInt16LE(flags, 8)
    listed.writeUInt16LE(method, 10)
    listed.writeUInt32LE(claims.claimedChecksum ?? crc32(content), 16)
    listed.writeUInt32LE(packed.length, 20)
    listed.writeUInt32LE(claims.claimedBytes ?? content.length, 24)
    listed.writeUInt16LE(nameBytes.length, 28)
    listed.writeUInt32LE((mode << 16) >>> 0, 38)
    listed.writeUInt32LE(claims.sharesFirst ? 0 : offset, 42)
    list.push(listed, nameBytes)
    if (claims.sharesFirst) continue
    parts.push(local, nameBytes, packed)
    offset += 30 + nameBytes.length + packed.length
  }
  const listBytes = Buffer.concat(list)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(listBytes.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, listBytes, end])
}

const outside = 'outside of its folder'

describe('a tar is refused', () => {
  test.each<[string, Partial<Header>, string]>([
    ['with a path outside of its folder', { name: 'a/../../evil.tf' }, outside],
    ['with a path outside of its folder that uses backslashes', { name: '..\\..\\evil.tf' }, outside],
    ['with an absolute path', { name: '/etc/evil.tf' }, outside],
    ['with a Windows drive', { name: 'C:\\evil.tf' }, outside],
    ['with a path relative to a drive', { name: 'c:evil.tf' }, outside],
    ['with a symbolic link', { name: 'link', type: 'symlink', linkname: '/etc/passwd' }, '"link", which is a symlink'],
    ['with a hard link', { name: 'link', type: 'link', linkname: 'main.tf' }, '"link", which is a link'],
    ['with a character device', { name: 'null', type: 'character-device' }, '"null", which is a character-device'],
    ['with a block device', { name: 'disk', type: 'block-device' }, '"disk", which is a block-device'],
    ['with a pipe', { name: 'pipe', type: 'fifo' }, '"pipe", which is a fifo'],
    ['with a name that is too long', { name: 'n'.repeat(300) }, 'too long'],
    ['with a path that is too long', { name: `${'d/'.repeat(600)}main.tf` }, 'too long'],
  ])('%s', async (_what, entry, reason) => {
    await expect(checkTar(await packTar({ name: 'main.tf' }, entry))).rejects.toThrow(reason)
  })

  test('with two spellings of one path', async () => {
    await expect(checkTar(await packTar({ name: 'main.tf' }, { name: './x/../main.tf' }))).rejects.toThrow(
      'more than once',
    )
  })

  test('with a path that is both a file and a folder', async () => {
    await expect(checkTar(await packTar({ name: 'a/b' }, { name: 'a' }))).rejects.toThrow('more than once')
    await expect(checkTar(await packTar({ name: 'a' }, { name: 'a/b' }))).rejects.toThrow('"a" is a file')
  })

  test('with a zero byte in a name', async () => {
    const tar = await packTar({ name: 'main.tf', pax: { path: 'ma\0in.tf' } })
    await expect(checkTar(tar)).rejects.toThrow('zero byte')
  })

  test('with more entries than a template has', async () => {
    const many = Array.from({ length: maxEntries + 1 }, (_, at) => ({ name: `f${at}` }))
    await expect(checkTar(await packTar(...many))).rejects.toThrow(`more than ${maxEntries} entries; "f${maxEntries}"`)
  })

  test('with a declared size above the limit, before it is unpacked', async () => {
    const bomb = rawTar((header) => header.write('77777777777\0', 124))
    await expect(checkTar(bomb)).rejects.toThrow('more than 100 MiB, at "main.tf"')
  })

  test('with a sparse file', async () => {
    await expect(checkTar(rawTar((header) => header.write('S', 156)))).rejects.toThrow('"main.tf", which is a')
  })

  test('with a wrong checksum', async () => {
    const tar = await packTar({ name: 'main.tf' })
    tar[0] = 65
    await expect(checkTar(tar)).rejects.toThrow('could not be read as tar')
  })

  test('that is truncated anywhere except between two entries', async () => {
    const tar = await packTar({ name: 'main.tf', content: 'x'.repeat(2000) }, { name: 'b.tf', content: 'y' })
    const whole = [512 + 2048, 512 + 2048 + 512 + 512]
    for (let length = 0; length < tar.length - 512; length += 256)
      if (!whole.includes(length)) await expect(checkTar(tar.subarray(0, length)), `cut at ${length}`).rejects.toThrow()
  })
})

test("a tar without zero blocks at its end, as Coder's command line creates it, is read", async () => {
  const seen: string[] = []
  const tar = await packTar({ name: 'main.tf', content: 'x' }, { name: 'empty.tf' })
  await readTar(tar.subarray(0, -1024), async ({ path }) => void seen.push(path))
  expect(seen).toEqual(['main.tf', 'empty.tf'])
})

test('a valid tar is read completely', async () => {
  const seen: string[] = []
  const tar = await packTar(
    { name: './', type: 'directory' },
    { name: './a/', type: 'directory' },
    { name: './a/main.tf' },
  )
  await readTar(tar, async ({ path, type }) => void seen.push(`${type} ${path}`))
  expect(seen).toEqual(['directory .', 'directory a', 'file a/main.tf'])
})

describe('a zip is refused', () => {
  test.each<[string, ZipEntry, string]>([
    ['with a path outside of its folder', { name: '../evil.tf' }, outside],
    ['with a path outside of its folder that uses backslashes', { name: 'a\\..\\..\\evil.tf' }, outside],
    ['with an absolute path', { name: '/evil.tf' }, outside],
    ['with a Windows drive', { name: 'D:/evil.tf' }, outside],
    ['with a symbolic link', { name: 'link', mode: 0o120777 }, '"link", which is a symlink'],
    ['with a device', { name: 'disk', mode: 0o060600 }, '"disk", which is a block-device'],
    ['with a zero byte in a name', { name: 'a\0b' }, 'zero byte'],
    ['with a password', { name: 'secret', flags: 0x801 }, 'encrypted'],
    ['with an unsupported compression method', { name: 'odd', method: 14 }, 'unsupported compression'],
    [
      'with a wrong declared size',
      { name: 'big', content: Buffer.alloc(5_000_000), claimedBytes: 10 },
      '"big", whose content does not match',
    ],
    ['with a wrong checksum', { name: 'off', claimedChecksum: 7 }, '"off", whose content does not match'],
    [
      'with a declared size above the limit',
      { name: 'huge', claimedBytes: 0xfffffff0 },
      'more than 100 MiB, at "huge"',
    ],
  ])('%s', async (_what, entry, reason) => {
    await expect(readZip(packZip({ name: 'main.tf' }, entry))).rejects.toThrow(reason)
  })

  test('with overlapping entries', async () => {
    const content = Buffer.alloc(1_000_000)
    const shared = Array.from({ length: 5 }, (_, at): ZipEntry => ({ name: `f${at}`, content, sharesFirst: at > 0 }))
    await expect(readZip(packZip(...shared))).rejects.toThrow('whose bytes overlap with another entry')
  })

  test('that unpacks to more than the limit, without unpacking it', async () => {
    const content = Buffer.alloc(30 * 1024 * 1024)
    const bomb = packZip(...Array.from({ length: 4 }, (_, at) => ({ name: `f${at}`, content })))
    expect(bomb.length).toBeLessThan(200_000)
    const before = process.memoryUsage().arrayBuffers
    await expect(zipToTar(bomb)).rejects.toThrow('more than 100 MiB, at "f3"')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1024 * 1024)
  })

  test('with more entries than a template has', async () => {
    const many = Array.from({ length: maxEntries + 1 }, (_, at) => ({ name: `f${at}` }))
    await expect(readZip(packZip(...many))).rejects.toThrow(`more than ${maxEntries} entries`)
  })

  test('that is truncated or not a zip archive', async () => {
    const zip = packZip({ name: 'main.tf' }, { name: 'b.tf' })
    for (let length = 0; length < zip.length; length += 7)
      await expect(readZip(zip.subarray(0, length)), `cut at ${length}`).rejects.toThrow('zip archive')
    await expect(readZip(Buffer.alloc(70_000, 'no zip '))).rejects.toThrow('not a zip')
  })
})

test('execute bits are preserved from tar to zip and back', async () => {
  const tar = await packTar({ name: 'run.sh', mode: 0o755 }, { name: 'main.tf', mode: 0o644 })
  const modes: [string, boolean][] = []
  await readTar(
    await zipToTar(await tarToZip(tar)),
    async ({ path, isExecutable }) => void modes.push([path, isExecutable]),
  )
  expect(modes).toEqual([
    ['run.sh', true],
    ['main.tf', false],
  ])
})
