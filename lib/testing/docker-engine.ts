// A Docker engine of its own for one test file: in a network namespace and a folder of its own, so that it neither uses
// nor changes an engine, a bridge or a firewall of this machine. Needs root and the programs of docker.io and util-linux.

import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../scripts/system-packages.mjs'

export interface TestEngine {
  /** For DOCKER_HOST. */
  readonly url: string
  /** Runs Docker's command line and returns its output without the final newline. */
  docker(...args: string[]): string
  stop(): Promise<void>
}

/** An image with BusyBox and nothing else. */
export const testImage = 'coder-local-test:latest'

export async function startDockerEngine(): Promise<TestEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'docker-engine-'))
  const socket = join(dir, 'docker.sock')
  const folders = `--data-root ${dir}/data --exec-root ${dir}/exec --pidfile ${dir}/pid`
  const command = `ip link set lo up && exec dockerd --host unix://${socket} ${folders} --bip 172.30.99.1/24`
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  const engine = spawn('unshare', ['--net', 'sh', '-c', command], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  const listening = new Promise<void>((resolve, reject) => {
    engine.stderr.on('data', (text: Buffer) => {
      log += text
      if (log.includes('API listen on')) resolve()
    })
    engine.on('exit', () => reject(new Error(`dockerd ended:\n${log}`)))
  })
  await listening
  const url = `unix://${socket}`
  const docker = (...args: string[]) =>
    execFileSync('docker', args, { env: { ...env, DOCKER_HOST: url }, encoding: 'utf8' }).trimEnd()
  importTestImage(dir, docker)
  return {
    url,
    docker,
    async stop() {
      const containers = docker('ps', '--all', '--quiet').split('\n').filter(Boolean)
      if (containers.length > 0) docker('rm', '--force', ...containers)
      const exited = new Promise((resolve) => engine.once('exit', resolve))
      engine.kill()
      await exited
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function importTestImage(dir: string, docker: TestEngine['docker']): void {
  const root = join(dir, 'image')
  for (const folder of ['bin', 'tmp', 'root', 'etc']) mkdirSync(join(root, folder), { recursive: true })
  copyFileSync(findProgram('busybox') ?? '', join(root, 'bin/busybox'))
  const applets = execFileSync(join(root, 'bin/busybox'), ['--list'], { encoding: 'utf8' }).trim().split('\n')
  for (const applet of applets.filter((name) => name !== 'busybox')) symlinkSync('busybox', join(root, 'bin', applet))
  execFileSync('tar', ['--create', '--file', join(dir, 'image.tar'), '--directory', root, '.'])
  docker('import', '--change', 'ENV PATH=/bin', '--change', 'CMD ["sh"]', join(dir, 'image.tar'), testImage)
}
