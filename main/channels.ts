// IPC channel names, shared by preload.ts and ipc.ts.

export const channels = {
  pickFolder: 'desktop:pick-folder',
  openExternal: 'desktop:open-external',
  bringToFront: 'desktop:bring-to-front',
  openLogs: 'desktop:open-logs',
  command: 'desktop:command',
  view: 'startup:view',
  viewChanged: 'startup:view-changed',
  retry: 'startup:retry',
  copyDiagnostics: 'startup:copy-diagnostics',
} as const
