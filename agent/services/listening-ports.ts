// Listening TCP ports and their processes, from the kernel's tables (Linux).

import { readdir, readFile, readlink } from 'node:fs/promises'
import type { ListeningPort } from '../../api/agents/agent-protocol.ts'

// Coder's limit: lower ports are not reported.
const lowestPort = 9
/** State of a listening socket in `/proc/net/tcp`. */
const listening = '0A'

// Cached: dashboards poll every few seconds, several at a time.
const cacheMs = 1_000
let cached: { readonly at: number; readonly ports: Promise<ListeningPort[]> } | undefined

export function listListeningPorts(): Promise<ListeningPort[]> {
  if (!cached || Date.now() - cached.at > cacheMs) cached = { at: Date.now(), ports: readPorts('/proc') }
  return cached.ports
}

/** @param proc mount point of procfs */
export async function readPorts(proc: string): Promise<ListeningPort[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readOrEmpty(`${proc}/net/${name}`)))
  const inodes = new Map<number, string>()
  for (const { port, inode } of tables.flatMap(parseTable)) if (port >= lowestPort) inodes.set(port, inode)
  if (inodes.size === 0) return []
  const names = await readNames(proc, new Set(inodes.values()))
  return [...inodes]
    .map(([port, inode]) => ({ port, network: 'tcp' as const, process_name: names.get(inode) ?? '' }))
    .sort((a, b) => a.port - b.port)
}

function parseTable(table: string): { port: number; inode: string }[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      if (state !== listening) return []
      return { port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16), inode }
    })
}

/** Process names by socket inode, for processes that this user may inspect. */
async function readNames(proc: string, wanted: ReadonlySet<string>): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name))
  await Promise.all(
    pids.map(async (pid) => {
      for (const inode of await readSockets(`${proc}/${pid}/fd`)) {
        if (wanted.has(inode)) names.set(inode, (await readOrEmpty(`${proc}/${pid}/comm`)).trim())
      }
    }),
  )
  return names
}

async function readSockets(folder: string): Promise<string[]> {
  try {
    const links = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')))
    return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
  } catch {
    return [] // owned by another user, or exited
  }
}

const readOrEmpty = (path: string) => readFile(path, 'utf8').catch(() => '')
