// Opens a URL with the system's default program: a page in the browser, `vscode://` in the editor.

import { spawn } from 'node:child_process'

const openers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  // Not `cmd /c start`: cmd would split a URL at its `&`.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** @returns false when no program could open it: callers then print the URL. */
export function openUrl(url: string): Promise<boolean> {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  return new Promise((resolve) => {
    const child = spawn(program, [...args, url], { stdio: 'ignore' })
    child.on('error', () => resolve(false))
    child.on('exit', (code) => resolve(code === 0))
  })
}
