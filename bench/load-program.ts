// A separate program that requests one URL repeatedly on a number of connections and reports the duration of each
// response: `load-program.ts <url> <token> <connections> <seconds>`. Uses raw sockets: an HTTP client would cost more than
// the server under test.

import { connect, type Socket } from 'node:net'

const [address = '', token = '', connections = '16', seconds = '5'] = process.argv.slice(2)
const { hostname, port, host, pathname, search } = new URL(address)
const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nCoder-Session-Token: ${token}\r\n\r\n`

/** Warm-up, while code is not compiled yet. */
const warmUpMs = 1_500
const endsAt = performance.now() + warmUpMs + Number(seconds) * 1000
const startsAt = performance.now() + warmUpMs
const times: number[] = []
const failures = new Set<string>()

await Promise.all(Array.from({ length: Number(connections) }, () => ask(connect(Number(port), hostname))))
const report = { times, seconds: Number(seconds), failures: [...failures] }
process.send?.(report, () => process.disconnect())

function ask(socket: Socket): Promise<void> {
  socket.setNoDelay(true)
  return new Promise((resolve, reject) => {
    let pending: Buffer[] = []
    let missing = -1
    let askedAt = 0
    const send = () => {
      askedAt = performance.now()
      if (askedAt > endsAt) return void socket.end(resolve)
      socket.write(request)
    }
    socket.on('error', reject).on('connect', send)
    socket.on('data', (chunk) => {
      if (missing < 0) {
        pending.push(chunk)
        const head = Buffer.concat(pending)
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        const text = head.toString('latin1', 0, end)
        if (!text.startsWith('HTTP/1.1 200')) failures.add(text.slice(0, 15))
        missing = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]) - (head.length - end - 4)
        pending = []
      } else missing -= chunk.length
      if (missing > 0) return
      missing = -1
      if (askedAt >= startsAt) times.push(performance.now() - askedAt)
      send()
    })
  })
}
