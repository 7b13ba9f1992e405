// Layout around all pages of a signed-in user: sidebar, global shortcuts, command palette and notices.

import { Outlet, useNavigate, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Notices } from '../components/notices.tsx'
import { isMac, onDesktopCommand } from '../desktop.ts'
import { useKeys } from '../keys.ts'
import { isPaletteOpen, openPalette } from '../palette-state.ts'
import { useStore } from '../store.ts'
import { FolderDialogProvider, useFolderDialog } from '../workspace/folder-dialog.tsx'
import { useNewWorkspace } from '../workspace/new-workspace.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { Sidebar } from './sidebar.tsx'

const Palette = lazy(() => import('../palette/palette.tsx'))
// Lazy, so that the first page does not wait for the terminal code.
const DeckHost = lazy(() => import('../terminal/deck/deck-host.tsx'))

export function Shell() {
  const [isShowingKeys, setShowingKeys] = useState(false)
  const hasPalette = useStore(isPaletteOpen)
  const showKeys = () => setShowingKeys(true)
  return (
    <FolderDialogProvider>
      <GlobalKeys onShowKeys={showKeys} />
      <div className="flex h-dvh min-h-0 max-sm:flex-col">
        <Sidebar onShowKeys={showKeys} />
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <Outlet />
          <Suspense>
            <DeckHost />
          </Suspense>
        </div>
      </div>
      {hasPalette && (
        <Suspense>
          <Palette onShowKeys={showKeys} />
        </Suspense>
      )}
      <KeysDialog open={isShowingKeys} onOpenChange={setShowingKeys} />
      <Notices />
    </FolderDialogProvider>
  )
}

function GlobalKeys({ onShowKeys }: { onShowKeys: () => void }) {
  const navigate = useNavigate()
  const router = useRouter()
  const openFolder = useFolderDialog()
  const newWorkspace = useNewWorkspace()
  useKeys('Everywhere', [
    { keys: isMac ? 'Cmd+K' : 'Ctrl+K', label: 'Search or run a command', everywhere: true, run: openPalette },
    // Not listed, because Firefox reserves it; terminals list their own shortcut.
    {
      keys: isMac ? 'Shift+Cmd+P' : 'Ctrl+Shift+P',
      label: 'Search or run a command',
      everywhere: true,
      isAlias: true,
      run: openPalette,
    },
    { keys: 'G W', label: 'Go to workspaces', run: () => navigate({ to: '/workspaces' }) },
    { keys: 'G T', label: 'Go to terminals', run: () => navigate({ to: '/terminals' }) },
    { keys: 'G E', label: 'Go to templates', run: () => navigate({ to: '/templates' }) },
    { keys: 'N', label: 'New workspace', run: newWorkspace },
    { keys: 'O', label: 'Open folder', run: openFolder },
    { keys: '?', label: 'Show keyboard shortcuts', run: onShowKeys },
  ])
  useEffect(
    () =>
      onDesktopCommand((command) => {
        switch (command) {
          case 'new-workspace':
            return newWorkspace()
          case 'open-folder':
            return openFolder()
          case 'new-terminal-window':
            return void window.open('/terminals', '_blank', 'popup')
          case 'go-workspaces':
            return void navigate({ to: '/workspaces' })
          case 'go-terminals':
            return void navigate({ to: '/terminals' })
          case 'go-back':
            return router.history.back()
          case 'go-forward':
            return router.history.forward()
        }
      }),
    [navigate, router, openFolder, newWorkspace],
  )
  return null
}
