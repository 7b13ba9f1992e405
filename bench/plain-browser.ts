// Controls Chromium over the DevTools protocol alone. Playwright subscribes to network events, which duplicates every
// WebSocket frame: in a flood that costs as much as drawing it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { chromiumArguments } from '../scripts/test-browsers.mjs'

export interface PlainBrowser {
  open(url: string): Promise<PlainPage>
  close(): Promise<void>
}

export interface PlainPage {
  go(url: string): Promise<void>
  bringToFront(): Promise<void>
  /** @returns the awaited value of the expression. @throws Error with the page's exception */
  evaluate<T>(expression: string): Promise<T>
  /** Waits until the expression is true. @throws Error after 30 s */
  until(expression: string): Promise<void>
  /** Inserts text into the focused element, like a paste. */
  type(text: string): Promise<void>
  pressEnter(): Promise<void>
}

const timeoutMs = 30_000
const pollMs = 50

/** @param size of the windows, in CSS pixels */
export async function openPlainBrowser(
  executable: string,
  size: { width: number; height: number },
  args: readonly string[],
): Promise<PlainBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-browser-'))
  const browser = spawn(
    executable,
    [
      ...chromiumArguments,
      ...args,
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${folder}`,
      `--window-size=${size.width},${size.height}`,
    ],
    { stdio: 'ignore' },
  )
  const origin = `http://127.0.0.1:${await debuggingPort(browser, folder)}`
  const sockets: WebSocket[] = []
  return {
    async open(url) {
      const answer = await fetch(`${origin}/json/new?about:blank`, { method: 'PUT' })
      const { webSocketDebuggerUrl } = (await answer.json()) as { webSocketDebuggerUrl: string }
      const socket = new WebSocket(webSocketDebuggerUrl, { perMessageDeflate: false })
      await once(socket, 'open')
      sockets.push(socket)
      const page = connectToPage(socket)
      await page.go(url)
      return page
    },
    async close() {
      for (const socket of sockets) socket.terminate()
      browser.kill('SIGKILL')
      if (browser.exitCode === null && browser.signalCode === null) await once(browser, 'exit')
      // Child processes may still be writing.
      rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
    },
  }
}

/** Chromium writes its debugging port to its profile folder. */
async function debuggingPort(browser: ChildProcess, folder: string): Promise<number> {
  for (const limit = Date.now() + timeoutMs; Date.now() < limit; await sleep(pollMs)) {
    if (browser.exitCode !== null) throw new Error(`Chromium exited with status ${browser.exitCode} during its start.`)
    try {
      return Number(readFileSync(join(folder, 'DevToolsActivePort'), 'utf8').split('\n')[0])
    } catch {
      // The file is not written yet.
    }
  }
  throw new Error('Chromium did not report its debugging port in time.')
}

interface Reply {
  readonly id: number
  readonly error?: { readonly message: string }
  readonly result: unknown
}

function connectToPage(socket: WebSocket): PlainPage {
  const pending = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0
  socket.on('message', (text) => {
    const { id, error, result } = JSON.parse(String(text)) as Reply
    if (error) pending.get(id)?.reject(new Error(error.message))
    else pending.get(id)?.resolve(result)
    pending.delete(id)
  })
  const send = <T>(method: string, params: object = {}): Promise<T> => {
    const reply = Promise.withResolvers<unknown>()
    pending.set(++lastId, reply)
    socket.send(JSON.stringify({ id: lastId, method, params }))
    return reply.promise as Promise<T>
  }

  async function evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await send<{
      result: { value: T }
      exceptionDetails?: { text: string; exception?: { description: string } }
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13 }
  return {
    async go(url) {
      await send('Page.navigate', { url })
    },
    bringToFront: () => send('Page.bringToFront'),
    evaluate,
    async until(expression) {
      for (const limit = Date.now() + timeoutMs; !(await evaluate(`Boolean(${expression})`)); await sleep(pollMs)) {
        if (Date.now() > limit) throw new Error(`Timed out waiting for ${expression}`)
      }
    },
    type: (text) => send('Input.insertText', { text }),
    async pressEnter() {
      await send('Input.dispatchKeyEvent', { type: 'keyDown', text: '\r', ...enter })
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter })
    },
  }
}
