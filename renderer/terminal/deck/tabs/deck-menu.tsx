// What is done to the panes of the shown tab, and the arrangements that are kept under a name.

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { BookMarked, Ellipsis, Grid2x2, History, Maximize2, PencilLine, Save, Settings2, Trash2 } from 'lucide-react'
import { layoutsQuery } from '../../../api/terminal-layouts.ts'
import { Button } from '../../../components/button.tsx'
import { Menu, MenuHeading, MenuItem, MenuLine } from '../../../components/menu.tsx'
import { phone, useMedia } from '../../../media.ts'
import type { TerminalAction } from '../../keys/terminal-actions.ts'
import { shortcutOf } from '../../keys/terminal-keys.ts'
import { openLayout } from '../../layout/named-layouts.ts'
import { listPanes } from '../../layout/tree.ts'
import type { Tab, WindowLayout } from '../../layout/window-layout.ts'
import { arrangeGrid, equalizePanes, focusActivePane } from '../actions/deck-actions.ts'
import { openDialog } from '../state/deck-state.ts'

interface DeckMenuProps {
  readonly shown: Tab | undefined
  readonly layout: WindowLayout
  readonly onAction: (action: TerminalAction) => boolean
}

const icon = 'size-4 text-muted'

export function DeckMenu({ shown, layout, onAction }: DeckMenuProps) {
  const navigate = useNavigate()
  const { data: layouts } = useQuery(layoutsQuery)
  // A phone shows one pane at a time.
  const isPhone = useMedia(phone)
  const hasSeveral = !isPhone && shown !== undefined && listPanes(shown.root).length > 1
  return (
    <Menu
      onCloseFocus={focusActivePane}
      trigger={
        <Button look="quiet" size="icon-small" aria-label="More for terminals">
          <Ellipsis className="size-4" aria-hidden />
        </Button>
      }
    >
      {hasSeveral && (
        <>
          <MenuItem icon={<Grid2x2 className={icon} aria-hidden />} onSelect={arrangeGrid}>
            Arrange as a grid
          </MenuItem>
          <MenuItem icon={<Grid2x2 className={icon} aria-hidden />} onSelect={equalizePanes}>
            Equal sizes
          </MenuItem>
          <MenuItem
            icon={<Maximize2 className={icon} aria-hidden />}
            keys={shortcutOf('zoomPane')}
            onSelect={() => onAction('zoomPane')}
          >
            Only the active pane, or all
          </MenuItem>
        </>
      )}
      {shown && (
        <>
          <MenuItem
            icon={<PencilLine className={icon} aria-hidden />}
            onSelect={() => openDialog.set({ kind: 'rename-tab', tabId: shown.id })}
          >
            Rename the tab…
          </MenuItem>
          <MenuLine />
        </>
      )}
      {(layouts?.named.length ?? 0) > 0 && <MenuHeading>Layouts</MenuHeading>}
      {layouts?.named.map((named) => (
        <MenuItem key={named.id} icon={<BookMarked className={icon} aria-hidden />} onSelect={() => openLayout(named)}>
          {named.name}
        </MenuItem>
      ))}
      {layout.tabs.length > 0 && (
        <MenuItem icon={<Save className={icon} aria-hidden />} onSelect={() => openDialog.set({ kind: 'keep-layout' })}>
          Keep this layout…
        </MenuItem>
      )}
      {(layouts?.named.length ?? 0) > 0 && (
        <MenuItem
          icon={<Trash2 className={icon} aria-hidden />}
          onSelect={() => openDialog.set({ kind: 'keep-layout' })}
        >
          Forget a layout…
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem
        icon={<History className={icon} aria-hidden />}
        keys={shortcutOf('history')}
        onSelect={() => onAction('history')}
      >
        History of commands
      </MenuItem>
      <MenuItem
        icon={<Settings2 className={icon} aria-hidden />}
        onSelect={() => void navigate({ to: '/settings/terminals' })}
      >
        Terminal settings
      </MenuItem>
    </Menu>
  )
}
