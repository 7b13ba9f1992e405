// `coder ssh --stdio`: the ProxyCommand of an SSH client. Copies the bytes of its connection between stdin, stdout and the
// SSH server of the workspace.

import type { Socket } from 'node:net'

/** Resolves when either side has closed the connection. Takes ownership of the socket. */
export function joinStdio(socket: Socket): Promise<void> {
  const { stdin, stdout } = process
  socket.on('error', () => socket.destroy())
  stdout.on('error', () => socket.destroy())
  stdin.pipe(socket)
  socket.pipe(stdout)
  return new Promise((resolve) => {
    // The SSH client has exited: it does not wait for data.
    stdin.once('end', () => socket.end(() => socket.destroy()))
    socket.once('close', () => {
      // Unread input would keep the process alive.
      stdin.destroy()
      resolve()
    })
  })
}
