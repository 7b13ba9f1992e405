// The menu of the deck: arranging the visible tab, saved layouts, history and settings.

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { BookMarked, Ellipsis, Grid2x2, History, Maximize2, PencilLine, Save, Settings2, Trash2 } from 'lucide-react'
import { layoutsQuery } from '../../../api/terminal-layouts.ts'
import { Button } from '../../../components/button.tsx'
import { Menu, MenuHeading, MenuItem, MenuSeparator } from '../../../components/menu.tsx'
import { phone, useMedia } from '../../../media.ts'
import type { TerminalAction } from '../../keys/terminal-actions.ts'
import { shortcutOf } from '../../keys/terminal-keys.ts'
import { openLayout } from '../../layout/named-layouts.ts'
import { listPanes } from '../../layout/tree.ts'
import type { Tab, WindowLayout } from '../../layout/window-layout.ts'
import { arrangeGrid, equalizePanes, focusActivePane } from '../actions/deck-actions.ts'
import { currentDialog } from '../state/deck-state.ts'

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
        <Button variant="quiet" size="icon-small" aria-label="More actions for terminals">
          <Ellipsis className="size-4" aria-hidden />
        </Button>
      }
    >
      {hasSeveral && (
        <>
          <MenuItem icon={<Grid2x2 className={icon} aria-hidden />} onSelect={arrangeGrid}>
            Arrange as grid
          </MenuItem>
          <MenuItem icon={<Grid2x2 className={icon} aria-hidden />} onSelect={equalizePanes}>
            Equalize pane sizes
          </MenuItem>
          <MenuItem
            icon={<Maximize2 className={icon} aria-hidden />}
            keys={shortcutOf('zoomPane')}
            onSelect={() => onAction('zoomPane')}
          >
            Maximize or restore pane
          </MenuItem>
        </>
      )}
      {shown && (
        <>
          <MenuItem
            icon={<PencilLine className={icon} aria-hidden />}
            onSelect={() => currentDialog.set({ kind: 'rename-tab', tabId: shown.id })}
          >
            Rename tab…
          </MenuItem>
          <MenuSeparator />
        </>
      )}
      {(layouts?.named.length ?? 0) > 0 && <MenuHeading>Layouts</MenuHeading>}
      {layouts?.named.map((named) => (
        <MenuItem key={named.id} icon={<BookMarked className={icon} aria-hidden />} onSelect={() => openLayout(named)}>
          {named.name}
        </MenuItem>
      ))}
      {layout.tabs.length > 0 && (
        <MenuItem icon={<Save className={icon} aria-hidden />} onSelect={() => currentDialog.set({ kind: 'layouts' })}>
          Save layout…
        </MenuItem>
      )}
      {(layouts?.named.length ?? 0) > 0 && (
        <MenuItem
          icon={<Trash2 className={icon} aria-hidden />}
          onSelect={() => currentDialog.set({ kind: 'layouts' })}
        >
          Delete layout…
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuItem
        icon={<History className={icon} aria-hidden />}
        keys={shortcutOf('history')}
        onSelect={() => onAction('history')}
      >
        Command history
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
