// The editors that `coder open` starts: their programs and the URLs by which they open a folder of a workspace.

export interface EditorTarget {
  readonly owner: string
  readonly workspace: string
  readonly agent: string
  /** Empty for the editor's default. */
  readonly folder: string
  /** Of the deployment. */
  readonly url: string
  /** Empty if the editor is signed in already. */
  readonly token: string
}

export interface Editor {
  readonly name: string
  readonly toUrl: (target: EditorTarget, sshHost: string) => string
  /** Opens a URL when the system knows no program for it. */
  readonly command?: readonly [string, ...string[]]
  /** Connects with the SSH client of this computer instead of an extension for Coder. */
  readonly needsSshConfig?: boolean
  readonly hint: string
}

const withFields = (base: string, fields: Readonly<Record<string, string>>): string => {
  const url = new URL(base)
  for (const [field, value] of Object.entries(fields)) if (value) url.searchParams.set(field, value)
  return url.href
}

/** For editors in which the extension of Coder runs. */
const extensionUrl = (scheme: string) => (target: EditorTarget) =>
  withFields(`${scheme}://coder.coder-remote/open`, { ...target })

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')

const extensionHint = (name: string) => `install ${name} and its extension Coder.`

export const editors = {
  vscode: {
    name: 'Visual Studio Code',
    toUrl: extensionUrl('vscode'),
    command: ['code', '--open-url', '--'],
    hint: extensionHint('Visual Studio Code'),
  },
  cursor: {
    name: 'Cursor',
    toUrl: extensionUrl('cursor'),
    command: ['cursor', '--open-url', '--'],
    hint: extensionHint('Cursor'),
  },
  windsurf: {
    name: 'Windsurf',
    toUrl: extensionUrl('windsurf'),
    command: ['windsurf', '--open-url', '--'],
    hint: extensionHint('Windsurf'),
  },
  zed: {
    name: 'Zed',
    toUrl: ({ folder }, sshHost) => `zed://ssh/${sshHost}${encodePath(folder)}`,
    command: ['zed'],
    needsSshConfig: true,
    hint: 'install Zed.',
  },
  jetbrains: {
    name: 'JetBrains Toolbox',
    toUrl: ({ owner, workspace, agent, folder, url, token }) =>
      withFields('jetbrains://gateway/coder', { url, token, workspace, owner, agent_name: agent, folder }),
    hint: 'install JetBrains Toolbox and its plugin Coder.',
  },
} as const satisfies Readonly<Record<string, Editor>>

export type EditorName = keyof typeof editors
