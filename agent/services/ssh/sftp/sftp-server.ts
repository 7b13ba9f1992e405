// An SFTP server on a channel, with the extensions of OpenSSH that its clients use. Own code, because the server part of
// ssh2 announces no extensions and decodes file names as UTF-8. Requests are executed in order, as by OpenSSH's server.

import {
  link,
  lstat,
  mkdir,
  open,
  opendir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  symlink,
} from 'node:fs/promises'
import { homedir } from 'node:os'
import type { ServerChannel } from 'ssh2'
import { messageReader, prefixed } from '../../../../lib/length-prefixed.ts'
import { setAttributes, setLinkAttributes } from './attributes.ts'
import { appends, attributesOf, describeFile, Handles, statusOf, toOpenFlags } from './files.ts'
import {
  dataFrame,
  encodeAttributes,
  PacketReader,
  requests,
  response,
  responses,
  statusCodes,
  string,
  uint32,
  uint64,
} from './packets.ts'

/** As in OpenSSH; announced to clients, which otherwise use 32 KB. */
const maxPacketBytes = 256 * 1024
const maxTransferBytes = 255 * 1024

/** Requests that may wait; then the channel pauses. Clients send up to 64 before they read a response. */
const maxWaiting = 256

const version = 3

const extensions: readonly (readonly [name: string, version: string])[] = [
  ['posix-rename@openssh.com', '1'],
  ['statvfs@openssh.com', '2'],
  ['fstatvfs@openssh.com', '2'],
  ['hardlink@openssh.com', '1'],
  ['fsync@openssh.com', '1'],
  ['lsetstat@openssh.com', '1'],
  ['limits@openssh.com', '1'],
  ['expand-path@openssh.com', '1'],
]

/** Serves until the channel closes. */
export function serveSftp(channel: ServerChannel): void {
  const handles = new Handles()
  const waiting: Buffer[] = []
  let isBusy = false
  let hasEnded = false
  let isClosed = false

  const read = messageReader(maxPacketBytes, (packet) => waiting.push(packet))
  channel.on('data', (chunk: Buffer) => {
    try {
      read(chunk)
    } catch {
      end()
      return
    }
    if (waiting.length > maxWaiting) channel.pause()
    void serveWaiting()
  })
  channel.on('end', () => {
    hasEnded = true
    if (!isBusy) end()
  })
  channel.on('close', () => {
    isClosed = true
    void handles.closeAll()
  })

  async function serveWaiting(): Promise<void> {
    if (isBusy) return
    isBusy = true
    for (let packet = waiting.shift(); packet && !isClosed; packet = waiting.shift()) {
      const reply = await serveRequest(packet, handles)
      if (!reply) return end()
      if (isClosed) break
      if (!channel.write(reply)) await drained(channel)
      if (waiting.length === 0) channel.resume()
    }
    isBusy = false
    if (hasEnded) end()
  }

  /** Without it, clients wait forever after their last request. */
  function end(): void {
    if (isClosed) return
    isClosed = true
    waiting.length = 0
    void handles.closeAll()
    channel.exit(0)
    channel.end()
    channel.resume()
  }
}

const drained = (channel: ServerChannel) =>
  new Promise<void>((resolve) => {
    const done = () => {
      channel.off('drain', done)
      channel.off('close', done)
      resolve()
    }
    channel.on('drain', done)
    channel.on('close', done)
  })

/** @returns the framed response; undefined if the packet is invalid, which ends the session */
async function serveRequest(packet: Buffer, handles: Handles): Promise<Buffer | undefined> {
  let id = 0
  try {
    const reader = new PacketReader(packet)
    const type = reader.uint8()
    if (type === requests.init) return prefixed(encodeVersion())
    id = reader.uint32()
    if (type === requests.read) return await readFile(reader, id, handles)
    const serve = operations[type]
    if (!serve) return prefixed(status(id, statusCodes.unsupported, 'The operation is not supported.'))
    return prefixed((await serve(reader, id, handles)) ?? status(id, statusCodes.ok, 'Success'))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    const { code, message } = statusOf(error as NodeJS.ErrnoException)
    return prefixed(status(id, code, message))
  }
}

const encodeVersion = () =>
  Buffer.concat([
    Buffer.from([responses.version]),
    uint32(version),
    ...extensions.flatMap(([name, number]) => [string(name), string(number)]),
  ])

const status = (id: number, code: number, message: string) =>
  response(responses.status, id, uint32(code), string(message), string(''))

const endOfFile = (id: number) => status(id, statusCodes.endOfFile, 'End of file')

/** Paths are relative to the home folder. */
function absolute(path: Buffer): Buffer {
  if (path[0] === 0x2f) return path
  return path.length === 0 ? Buffer.from(homedir()) : Buffer.concat([Buffer.from(`${homedir()}/`), path])
}

const path = (reader: PacketReader) => absolute(reader.string())

async function readFile(reader: PacketReader, id: number, handles: Handles): Promise<Buffer> {
  const { file } = handles.file(reader.string())
  const [offset, wanted] = [reader.uint64(), reader.uint32()]
  const length = Math.min(wanted, maxTransferBytes)
  const { frame, data } = dataFrame(id, length)
  const { bytesRead } = await file.read(data, 0, length, offset)
  if (bytesRead === 0 && length > 0) return prefixed(endOfFile(id))
  if (bytesRead === length) return frame
  const short = dataFrame(id, bytesRead)
  short.data.set(data.subarray(0, bytesRead))
  return short.frame
}

/** Without a response, the request succeeded. @throws Error of the operating system */
type Operation = (reader: PacketReader, id: number, handles: Handles) => Promise<Buffer | undefined>

const attributesResponse = (id: number, stats: Parameters<typeof attributesOf>[0]) =>
  response(responses.attributes, id, encodeAttributes(attributesOf(stats)))

const nameResponse = (id: number, name: Buffer) =>
  response(responses.name, id, uint32(1), string(name), string(name), encodeAttributes({}))

const defaultFileMode = 0o666
const defaultFolderMode = 0o777
const permissionBits = 0o7777

const operations: Readonly<Record<number, Operation>> = {
  async [requests.open](reader, id, handles) {
    const [name, flags, { mode = defaultFileMode }] = [path(reader), reader.uint32(), reader.attributes()]
    const file = await open(name, toOpenFlags(flags), mode & permissionBits)
    return response(responses.handle, id, string(handles.add({ kind: 'file', file, appends: appends(flags) })))
  },
  async [requests.close](reader, _id, handles) {
    await handles.close(reader.string())
    return undefined
  },
  async [requests.write](reader, _id, handles) {
    const { file, appends: isAppending } = handles.file(reader.string())
    const [offset, data] = [reader.uint64(), reader.string()]
    for (let written = 0; written < data.length; ) {
      const position = isAppending ? null : offset + written
      written += (await file.write(data, written, data.length - written, position)).bytesWritten
    }
    return undefined
  },
  [requests.lstat]: async (reader, id) => attributesResponse(id, await lstat(path(reader))),
  [requests.stat]: async (reader, id) => attributesResponse(id, await stat(path(reader))),
  [requests.fstat]: async (reader, id, handles) =>
    attributesResponse(id, await handles.file(reader.string()).file.stat()),
  async [requests.setstat](reader) {
    const name = path(reader)
    await setAttributes(name, reader.attributes())
    return undefined
  },
  async [requests.fsetstat](reader, _id, handles) {
    const { file } = handles.file(reader.string())
    await setAttributes(file, reader.attributes())
    return undefined
  },
  async [requests.opendir](reader, id, handles) {
    const name = path(reader)
    // Buffer names keep bytes that are not valid UTF-8.
    const dir = await opendir(name as unknown as string, { encoding: 'buffer' as BufferEncoding })
    return response(responses.handle, id, string(handles.add({ kind: 'folder', dir, path: name })))
  },
  [requests.readdir]: (reader, id, handles) => readFolder(reader, id, handles),
  async [requests.remove](reader) {
    const name = path(reader)
    if ((await lstat(name)).isDirectory()) throw Object.assign(new Error('Is a directory'), { code: 'EISDIR' })
    await rm(name)
    return undefined
  },
  async [requests.mkdir](reader) {
    const [name, { mode = defaultFolderMode }] = [path(reader), reader.attributes()]
    await mkdir(name, { mode: mode & permissionBits })
    return undefined
  },
  async [requests.rmdir](reader) {
    await rmdir(path(reader))
    return undefined
  },
  [requests.realpath]: async (reader, id) => nameResponse(id, await resolvePath(path(reader))),
  async [requests.rename](reader) {
    const [from, to] = [path(reader), path(reader)]
    // Unlike posix-rename, it must not replace a file.
    if (await exists(to)) throw Object.assign(new Error('The target exists.'), { code: 'EEXIST' })
    await rename(from, to)
    return undefined
  },
  [requests.readlink]: async (reader, id) => nameResponse(id, await readlink(path(reader), { encoding: 'buffer' })),
  async [requests.symlink](reader) {
    // In the order of OpenSSH, which all clients use, not of the specification.
    const [target, name] = [reader.string(), path(reader)]
    await symlink(target, name)
    return undefined
  },
  [requests.extended]: async (reader, id, handles) => {
    const serve = extendedOperations[reader.string().toString()]
    return serve ? await serve(reader, id, handles) : status(id, statusCodes.unsupported, 'Unknown extension')
  },
}

const extendedOperations: Readonly<Record<string, Operation>> = {
  async 'posix-rename@openssh.com'(reader) {
    const [from, to] = [path(reader), path(reader)]
    await rename(from, to)
    return undefined
  },
  async 'hardlink@openssh.com'(reader) {
    const [from, to] = [path(reader), path(reader)]
    await link(from, to)
    return undefined
  },
  async 'fsync@openssh.com'(reader, _id, handles) {
    await handles.file(reader.string()).file.sync()
    return undefined
  },
  async 'lsetstat@openssh.com'(reader) {
    const name = path(reader)
    await setLinkAttributes(name, reader.attributes())
    return undefined
  },
  'statvfs@openssh.com': (reader, id) => describeFileSystem(id, path(reader)),
  'fstatvfs@openssh.com': (reader, id, handles) =>
    describeFileSystem(id, `/dev/fd/${handles.file(reader.string()).file.fd}`),
  'limits@openssh.com': async (_reader, id) =>
    response(
      responses.extended,
      id,
      uint64(maxPacketBytes),
      uint64(maxTransferBytes),
      uint64(maxTransferBytes),
      uint64(0),
    ),
  'expand-path@openssh.com': async (reader, id) => {
    const name = reader.string().toString()
    const expanded = name.replace(/^~(?=\/|$)/, homedir())
    return nameResponse(id, await resolvePath(absolute(Buffer.from(expanded))))
  },
}

const maxNamesPerResponse = 100

async function readFolder(reader: PacketReader, id: number, handles: Handles): Promise<Buffer> {
  const { dir, path: folder } = handles.folder(reader.string())
  const names: Buffer[] = []
  while (names.length < maxNamesPerResponse) {
    const entry = await dir.read()
    if (!entry) break
    const name = entry.name as unknown as Buffer
    const encoded = await encodeEntry(folder, name)
    if (encoded) names.push(encoded)
  }
  return names.length === 0 ? endOfFile(id) : response(responses.name, id, uint32(names.length), ...names)
}

/** Undefined if the file was removed in the meantime. */
async function encodeEntry(folder: Buffer, name: Buffer): Promise<Buffer | undefined> {
  const stats = await lstat(Buffer.concat([folder, Buffer.from('/'), name])).catch(() => undefined)
  return (
    stats && Buffer.concat([string(name), string(describeFile(name, stats)), encodeAttributes(attributesOf(stats))])
  )
}

/** Like realpath(3), but the last component need not exist, because clients resolve the names of new files. */
async function resolvePath(name: Buffer): Promise<Buffer> {
  try {
    return await realpath(name, { encoding: 'buffer' })
  } catch (error) {
    const end = name.lastIndexOf('/')
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || end < 0) throw error
    const folder = await realpath(end === 0 ? '/' : name.subarray(0, end), { encoding: 'buffer' })
    return Buffer.concat([folder, Buffer.from(folder.length === 1 ? '' : '/'), name.subarray(end + 1)])
  }
}

const exists = (name: Buffer) =>
  lstat(name).then(
    () => true,
    () => false,
  )

const longestName = 255

async function describeFileSystem(id: number, name: Buffer | string): Promise<Buffer> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(name, { bigint: true })
  const [fileSystemId, flags] = [0, 0]
  const numbers = [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, fileSystemId, flags, longestName]
  return response(responses.extended, id, ...numbers.map(uint64))
}
