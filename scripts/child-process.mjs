// Runs other programs for the scripts: either with captured output, or in the foreground with access to the terminal.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { root } from './project.mjs'

/**
 * @typedef {object} Finished
 * @property {number} status  exit status; 128 + signal number if killed by a signal, 127 if it could not be started
 * @property {string} output  standard output and error, in order of arrival
 */

/**
 * Runs a program until it exits and captures its output.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<Finished>}
 */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    /** @type {Buffer[]} */
    const chunks = []
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    child.on('error', (error) => resolve({ status: 127, output: `${command}: ${error.message}` }))
    child.on('close', (code, signal) =>
      resolve({ status: exitStatus(code, signal), output: Buffer.concat(chunks).toString('utf8') }),
    )
  })
}

/**
 * Runs a program in the foreground: it uses the terminal and receives the signals of this process.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} its exit status
 */
export function runInForeground(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, ...options, stdio: 'inherit' })
    const stopForwarding = forwardSignals(child)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      stopForwarding()
      resolve(exitStatus(code, signal))
    })
  })
}

/**
 * Forwards termination signals, except Ctrl-C in a terminal: it reaches the whole process group, and many programs
 * quit immediately when they receive a second one.
 * @param {import('node:child_process').ChildProcess} child
 */
function forwardSignals(child) {
  const isFromTerminal = process.stdin.isTTY === true
  const listeners = /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP']).map((signal) => {
    const listener = () => {
      if (signal !== 'SIGINT' || !isFromTerminal) child.kill(signal)
    }
    process.on(signal, listener)
    return { signal, listener }
  })
  const stopWatching = terminateWithNpm(child)
  return () => {
    stopWatching()
    for (const { signal, listener } of listeners) process.off(signal, listener)
  }
}

const parentCheckMs = 500

/**
 * A SIGTERM to npm kills the shell between npm and this process, which forwards no signals. The exit of the shell is
 * therefore treated as a SIGTERM.
 * @param {import('node:child_process').ChildProcess} child
 */
function terminateWithNpm(child) {
  if (!process.env.npm_lifecycle_event) return () => undefined
  const shell = process.ppid
  const watch = setInterval(() => {
    if (process.ppid !== shell) child.kill('SIGTERM')
  }, parentCheckMs)
  return () => clearInterval(watch)
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitStatus(code, signal) {
  return code ?? 128 + (signal ? constants.signals[signal] : 0)
}
