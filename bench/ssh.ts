// SSH into a workspace compared with a local sshd, by the same client, in alternating order: throughput, the time of a
// command, and the echo of a keystroke.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Figure, median } from './figures.ts'
import type { Fixture } from './fixture.ts'
import { type Host, openSshHosts, type SshHosts } from './ssh-hosts.ts'

const transferMB = 256
const transferRounds = 3
const commandRounds = 15
const echoSamples = 400
const echoTurns = 4

/** Share of the throughput of sshd. */
const minShare = 0.5
const maxConnectMs = 120
const maxAddedEchoMs = 0.4

export async function measureSsh(fixture: Fixture): Promise<Figure[]> {
  const hosts = await openSshHosts(fixture)
  try {
    return [...(await measureTransfers(hosts)), await measureCommands(hosts), await measureEchoes(hosts)]
  } finally {
    hosts.close()
  }
}

async function measureTransfers(hosts: SshHosts): Promise<Figure[]> {
  const bytes = transferMB * 1e6
  const lines = {
    download: (host: Host) => `$SSH ${host} 'head -c ${bytes} /dev/zero' > /dev/null`,
    upload: (host: Host) => `head -c ${bytes} /dev/zero | $SSH ${host} 'cat > /dev/null'`,
  }
  const figures: Figure[] = []
  for (const [direction, line] of Object.entries(lines)) {
    const { workspace, sshd } = await alternate(transferRounds, async (host) => {
      const ms = await hosts.time(line(host))
      return transferMB / (ms / 1000)
    })
    figures.push({
      name: `ssh, ${direction}`,
      value: workspace,
      limit: sshd * minShare,
      isAtLeast: true,
      unit: 'MB/s',
      basis: `${minShare} × sshd, ${sshd.toFixed(0)}`,
    })
  }
  return figures
}

async function measureCommands(hosts: SshHosts): Promise<Figure> {
  const { workspace, sshd } = await alternate(commandRounds, (host) => hosts.time(`$SSH ${host} true`))
  const start = await hosts.time('$SSH -V')
  return {
    name: 'ssh, connect and run true, p50',
    value: workspace,
    limit: start + maxConnectMs,
    unit: 'ms',
    basis: `start of ssh ${start.toFixed(0)} + ${maxConnectMs}; sshd ${sshd.toFixed(0)}`,
  }
}

async function measureEchoes(hosts: SshHosts): Promise<Figure> {
  const echoes = { workspace: await openEcho(hosts, 'workspace'), sshd: await openEcho(hosts, 'sshd') }
  const samples = { workspace: [] as number[], sshd: [] as number[] }
  for (let turn = 0; turn < echoTurns; turn++)
    for (const host of ['workspace', 'sshd'] as const)
      for (let sample = 0; sample < echoSamples; sample++) {
        const ms = await echoes[host].echo()
        // The first turn warms up.
        if (turn > 0) samples[host].push(ms)
      }
  for (const { close } of Object.values(echoes)) close()
  const sshd = median(samples.sshd)
  return {
    name: 'ssh, echo p50',
    value: median(samples.workspace),
    limit: sshd + maxAddedEchoMs,
    unit: 'ms',
    basis: `sshd ${sshd.toFixed(2)} + ${maxAddedEchoMs}`,
  }
}

async function openEcho({ options, env }: SshHosts, host: Host): Promise<{ echo(): Promise<number>; close(): void }> {
  const child = spawn('ssh', [...options, '-tt', host, 'stty raw -echo; printf ready; exec cat'], { env })
  await once(child.stdout, 'data')
  return {
    async echo() {
      const startedAt = performance.now()
      const echoed = once(child.stdout, 'data')
      child.stdin.write('k')
      await echoed
      return performance.now() - startedAt
    },
    close: () => void child.kill(),
  }
}

/** @returns the median of each host */
async function alternate(rounds: number, measure: (host: Host) => Promise<number>): Promise<Record<Host, number>> {
  const samples: Record<Host, number[]> = { workspace: [], sshd: [] }
  for (let round = 0; round < rounds; round++)
    for (const host of ['sshd', 'workspace'] as const) samples[host].push(await measure(host))
  return { workspace: median(samples.workspace), sshd: median(samples.sshd) }
}
