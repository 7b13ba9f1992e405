// Opens a URL with the system's default program: a page in the browser, `vscode://` in the editor.

import { spawn } from 'node:child_process'

const openers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  // Not `cmd /c start`: cmd would split a URL at its `&`.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** @returns false when no program could open it: callers then print the URL. */
export const openUrl = (url: string): Promise<boolean> =>
  runOpener([...(openers[process.platform] ?? ['xdg-open']), url])

/** @returns whether the program exists and succeeded */
export function runOpener([program, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore' })
    child.on('error', () => resolve(false))
    child.on('exit', (code) => resolve(code === 0))
  })
}
