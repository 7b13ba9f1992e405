// Separate program: requests one URL repeatedly on several connections and reports the duration of each response:
// `load-program.ts <url> <token> <connections> <seconds> [<count>]`; ends earlier after `count` responses. Uses raw sockets, because an HTTP client would use more CPU than
// the server under test.

import { connect, type Socket } from 'node:net'

const [address = '', token = '', connections = '16', seconds = '5', count = 'Infinity'] = process.argv.slice(2)
const { hostname, port, host, pathname, search } = new URL(address)
const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nCoder-Session-Token: ${token}\r\n\r\n`

/** Time until V8 has compiled the hot code; not counted. */
const warmUpMs = 1_500
const endsAt = performance.now() + warmUpMs + Number(seconds) * 1000
const startsAt = performance.now() + warmUpMs
const times: number[] = []
const failures = new Set<string>()

await Promise.all(Array.from({ length: Number(connections) }, () => requestRepeatedly(connect(Number(port), hostname))))
const report = { times, seconds: Number(seconds), failures: [...failures] }
process.send?.(report, () => process.disconnect())

function requestRepeatedly(socket: Socket): Promise<void> {
  socket.setNoDelay(true)
  return new Promise((resolve, reject) => {
    let pending: Buffer[] = []
    let remaining = -1
    let sentAt = 0
    const send = () => {
      sentAt = performance.now()
      if (sentAt > endsAt || times.length >= Number(count)) return void socket.end(resolve)
      socket.write(request)
    }
    socket.on('error', reject).on('connect', send)
    socket.on('data', (chunk) => {
      if (remaining < 0) {
        pending.push(chunk)
        const head = Buffer.concat(pending)
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        const text = head.toString('latin1', 0, end)
        if (!text.startsWith('HTTP/1.1 200')) failures.add(text.slice(0, 15))
        remaining = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]) - (head.length - end - 4)
        pending = []
      } else remaining -= chunk.length
      if (remaining > 0) return
      remaining = -1
      if (sentAt >= startsAt) times.push(performance.now() - sentAt)
      send()
    })
  })
}
