// Follows the log of a build or an agent over a WebSocket, from the first line and, after a lost connection, from the
// last line received.

import { useEffect, useState } from 'react'
import { getAgentLogs } from '../../api/agents/agents.ts'
import type { LogLevel } from '../../api/organizations/provisioner-jobs.ts'
import { getBuild, getBuildLogs, type WorkspaceBuild } from '../../api/workspaces/builds.ts'
import { client, socketUrl } from './client.ts'
import { renewPageProof } from './page-session.ts'
import { createReconnectingSocket } from './reconnecting-socket.ts'

// Close code after the last line of a completed log.
const completedCode = 1000

export interface LogLine {
  readonly id: number
  readonly created_at: string
  readonly level: LogLevel
  readonly output: string
  /** Empty for lines of an agent. */
  readonly stage: string
}

export interface Log {
  readonly lines: readonly LogLine[]
  readonly state: 'following' | 'completed' | 'interrupted'
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

/** Follows a log endpoint of the contract. Returns the function that stops it. */
function followLog(path: string, onChange: (log: Log) => void): () => void {
  let lines: readonly LogLine[] = []
  const lastId = () => lines.at(-1)?.id
  const socket = createReconnectingSocket<string>({
    url: () => socketUrl(`${path}?follow&after=${lastId() ?? 0}`),
    prepareRetry: renewPageProof,
    reconnection: (code) => (code === completedCode ? 'stop' : 'backoff'),
    onOpen() {
      socket.confirm()
      onChange({ lines, state: 'following' })
    },
    onMessage(data) {
      // Builds send one line per frame, agents an array.
      const received = ([] as WireLine[]).concat(JSON.parse(data) as WireLine | WireLine[]).map(toLine)
      const last = lastId() ?? Number.NEGATIVE_INFINITY
      lines = [...lines, ...received.filter((line) => line.id > last)]
      onChange({ lines, state: 'following' })
    },
    onLost: ({ code }) => onChange({ lines, state: code === completedCode ? 'completed' : 'interrupted' }),
  })
  socket.open()
  return socket.close
}

const emptyLog: Log = { lines: [], state: 'following' }

function useLog(path: string): Log {
  const [log, setLog] = useState(emptyLog)
  useEffect(() => {
    setLog(emptyLog)
    // A build may write hundreds of lines within one animation frame.
    let frame = 0
    let latest = emptyLog
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

/** Resolves when the job of a build has ended, which its log shows without polling. */
export async function waitForBuild(buildId: string): Promise<WorkspaceBuild> {
  const params = { workspacebuild: buildId }
  await new Promise<void>((resolve) => {
    const stop = followLog(client.url(getBuildLogs, { params }), ({ state }) => {
      if (state !== 'completed') return
      stop()
      resolve()
    })
  })
  return client.call(getBuild, { params })
}

export const useBuildLog = (buildId: string): Log =>
  useLog(client.url(getBuildLogs, { params: { workspacebuild: buildId } }))

export const useAgentLog = (agentId: string): Log =>
  useLog(client.url(getAgentLogs, { params: { workspaceagent: agentId } }))
