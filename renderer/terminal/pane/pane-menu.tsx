// The context menu of a terminal.

import {
  ArrowDownToLine,
  Circle,
  ClipboardPaste,
  Copy,
  CornerDownLeft,
  Eraser,
  Eye,
  Keyboard,
  ScrollText,
  Search,
  TextSelect,
} from 'lucide-react'
import { ContextMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { classNames } from '../../components/class-names.ts'
import { MenuKeys, menuClass, menuItemClass } from '../../components/menu.tsx'
import { type TerminalAction, terminalActions } from '../keys/terminal-actions.ts'
import { shortcutOf } from '../keys/terminal-keys.ts'

interface PaneMenuProps {
  readonly hasSelection: boolean
  readonly hasCommand: boolean
  readonly isReadOnly: boolean
  readonly isRecording: boolean
  readonly run: (action: TerminalAction) => void
}

const icon = 'size-4 text-muted'

export function PaneMenu({ hasSelection, hasCommand, isReadOnly, isRecording, run }: PaneMenuProps) {
  const item = (
    action: TerminalAction,
    itemIcon: ReactNode,
    isDisabled = false,
    label: string = terminalActions[action].label,
  ) => (
    <ContextMenu.Item disabled={isDisabled} onSelect={() => run(action)} className={menuItemClass}>
      {itemIcon}
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {shortcutOf(action) && <MenuKeys>{shortcutOf(action)}</MenuKeys>}
    </ContextMenu.Item>
  )
  return (
    <ContextMenu.Portal>
      <ContextMenu.Content
        collisionPadding={8}
        className={classNames(
          menuClass,
          'max-h-(--radix-context-menu-content-available-height) min-w-[min(16rem,calc(100vw-32px))] at-lower-edge',
        )}
      >
        {item('copy', <Copy className={icon} aria-hidden />, !hasSelection)}
        {item('paste', <ClipboardPaste className={icon} aria-hidden />, isReadOnly)}
        {item('selectAll', <TextSelect className={icon} aria-hidden />)}
        {item('find', <Search className={icon} aria-hidden />)}
        <Separator />
        {item('copyOutput', <ScrollText className={icon} aria-hidden />, !hasCommand)}
        {item('runAgain', <CornerDownLeft className={icon} aria-hidden />, !hasCommand || isReadOnly)}
        <Separator />
        {item('scrollToEnd', <ArrowDownToLine className={icon} aria-hidden />)}
        {item('clear', <Eraser className={icon} aria-hidden />)}
        {item(
          'readOnly',
          isReadOnly ? <Keyboard className={icon} aria-hidden /> : <Eye className={icon} aria-hidden />,
          false,
          isReadOnly ? 'Allow input' : 'Make read-only',
        )}
        {item(
          'record',
          <Circle className={icon} aria-hidden />,
          false,
          isRecording ? 'Stop and save recording' : 'Start recording',
        )}
      </ContextMenu.Content>
    </ContextMenu.Portal>
  )
}

const Separator = () => <ContextMenu.Separator className="mx-1 my-1 h-px bg-line" />
