// Follows the lines of a build or of an agent over a WebSocket, from the first line on and, after a lost connection,
// from the last one seen.

import { useEffect, useState } from 'react'
import { getAgentLogs } from '../../api/agents/agents.ts'
import type { LogLevel } from '../../api/organizations/provisioner-jobs.ts'
import { getBuildLogs } from '../../api/workspaces/builds.ts'
import { backOffMs, onWake } from './back-off.ts'
import { client, socketUrl } from './client.ts'

export interface LogLine {
  readonly id: number
  readonly created_at: string
  readonly level: LogLevel
  readonly output: string
  /** Of a build's line. */
  readonly stage: string
}

export interface Log {
  readonly lines: readonly LogLine[]
  readonly state: 'following' | 'ended' | 'interrupted'
}

interface WireLine {
  id: number
  created_at: string
  output: string
  stage?: string
  level?: LogLevel
  log_level?: LogLevel
}

const toLine = (line: WireLine): LogLine => ({
  id: line.id,
  created_at: line.created_at,
  level: line.level ?? line.log_level ?? 'info',
  output: line.output,
  stage: line.stage ?? '',
})

/** `path` is that of a log endpoint of the contract. Returns the way to stop. */
function followLog(path: string, onChange: (log: Log) => void): () => void {
  let lines: readonly LogLine[] = []
  let socket: WebSocket | undefined
  let attempt = 0
  let timer = 0
  let isStopped = false

  const dial = () => {
    clearTimeout(timer)
    const after = lines.at(-1)?.id ?? 0
    const opening = new WebSocket(socketUrl(`${path}?follow&after=${after}`))
    socket = opening
    opening.addEventListener('open', () => {
      attempt = 0
      onChange({ lines, state: 'following' })
    })
    opening.addEventListener('message', ({ data }: MessageEvent<string>) => {
      // Builds send a line a frame, agents an array.
      const taken = ([] as WireLine[]).concat(JSON.parse(data) as WireLine | WireLine[]).map(toLine)
      const last = lines.at(-1)?.id ?? Number.NEGATIVE_INFINITY
      lines = [...lines, ...taken.filter((line) => line.id > last)]
      onChange({ lines, state: 'following' })
    })
    opening.addEventListener('close', ({ code }) => {
      if (isStopped || socket !== opening) return
      socket = undefined
      if (code === 1000) return onChange({ lines, state: 'ended' })
      onChange({ lines, state: 'interrupted' })
      timer = window.setTimeout(dial, backOffMs(attempt++))
    })
  }

  dial()
  const stopWaking = onWake(() => {
    if (!socket && attempt > 0) dial()
  })
  return () => {
    isStopped = true
    stopWaking()
    clearTimeout(timer)
    socket?.close()
  }
}

const nothingYet: Log = { lines: [], state: 'following' }

function useLog(path: string): Log {
  const [log, setLog] = useState(nothingYet)
  useEffect(() => {
    setLog(nothingYet)
    // A build may write hundreds of lines within one frame of the screen.
    let frame = 0
    let latest = nothingYet
    const stop = followLog(path, (next) => {
      latest = next
      frame ||= requestAnimationFrame(() => {
        frame = 0
        setLog(latest)
      })
    })
    return () => {
      cancelAnimationFrame(frame)
      stop()
    }
  }, [path])
  return log
}

export const useBuildLog = (buildId: string): Log =>
  useLog(client.url(getBuildLogs, { params: { workspacebuild: buildId } }))

export const useAgentLog = (agentId: string): Log =>
  useLog(client.url(getAgentLogs, { params: { workspaceagent: agentId } }))
