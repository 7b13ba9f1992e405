// The bar beside each command: green for success, red for failure, blue while it runs. Its menu shows the result and runs
// the command again or copies it.

import { Copy, CornerDownLeft, ScrollText } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { TerminalTheme } from '../../../../api/agents/terminals.ts'
import { classNames } from '../../../components/class-names.ts'
import { MenuItem, menuClass } from '../../../components/menu.tsx'
import { duration } from '../../../components/time.tsx'
import type { ShellCommand } from './shell-command.ts'
import type { VisibleCommand } from './visible-commands.ts'

export interface CommandActions {
  runAgain(command: ShellCommand): void
  copyCommand(command: ShellCommand): void
  copyOutput(command: ShellCommand): void
  focusTerminal(): void
}

/** `failed 1 · 1.0 s · ~/work/shop`: the status in words, as color alone is not accessible. */
export function describeRun({ isRunning, exit, startedAt, endedAt, cwd }: ShellCommand): string {
  const status = isRunning ? 'running' : exit === undefined ? 'ended' : exit === 0 ? 'done' : `failed ${exit}`
  const elapsed = startedAt !== undefined && endedAt !== undefined ? duration(endedAt - startedAt) : ''
  return [status, elapsed, cwd].filter(Boolean).join(' · ')
}

/** A color of the terminal's palette, which contrasts with its background. */
export function getBarColor({ isRunning, exit }: ShellCommand, { ansi }: TerminalTheme): string | undefined {
  if (isRunning) return ansi[4]
  if (exit === undefined) return ansi[8]
  return exit === 0 ? ansi[2] : ansi[1]
}

interface CommandGutterProps {
  readonly commands: readonly VisibleCommand[]
  readonly theme: TerminalTheme
  readonly actions: CommandActions
}

export function CommandGutter({ commands, theme, actions }: CommandGutterProps) {
  return (
    <div className="absolute top-0 left-0 w-3">
      {commands.map((command) => (
        <CommandBar key={command.block.id} {...command} theme={theme} actions={actions} />
      ))}
    </div>
  )
}

const icon = 'size-4 text-muted'

function CommandBar({
  block,
  top,
  height,
  theme,
  actions,
}: VisibleCommand & Pick<CommandGutterProps, 'theme' | 'actions'>) {
  const description = describeRun(block)
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        // Tab belongs to the shell; the menu's actions have shortcuts.
        tabIndex={-1}
        aria-label={`${block.command || 'Command'}: ${description}`}
        title={block.command ? `${block.command}\n${description}` : description}
        data-command-exit={block.exit}
        className="group absolute left-0 w-2.5 outline-none"
        style={{ top, height }}
      >
        <span
          className={classNames(
            'absolute inset-y-[3px] left-0 w-[3px] rounded-r-[2px] group-hover:w-[5px] group-data-[state=open]:w-[5px]',
            'forced-color-adjust-none',
            block.isRunning && 'pulse-changing',
          )}
          style={{ background: getBarColor(block, theme) }}
        />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side="right"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          // Focuses the terminal instead of the bar, unless the user has focused something else.
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            if (document.activeElement === document.body) actions.focusTerminal()
          }}
          className={classNames(
            menuClass,
            'max-h-(--radix-dropdown-menu-content-available-height) min-w-[min(14rem,calc(100vw-32px))]',
          )}
        >
          <DropdownMenu.Label className="px-2 pt-1.5 pb-1">
            {block.command && <span className="block truncate font-mono text-xs">{block.command}</span>}
            <span className="tabular block truncate text-xs text-muted">{description}</span>
            {!block.isOwn && (
              <span className="block text-xs text-muted">Reported by a program, not by this terminal’s shell</span>
            )}
          </DropdownMenu.Label>
          <MenuItem
            icon={<CornerDownLeft className={icon} aria-hidden />}
            disabled={!block.command || !block.isOwn}
            onSelect={() => actions.runAgain(block)}
          >
            Run again
          </MenuItem>
          <MenuItem
            icon={<Copy className={icon} aria-hidden />}
            disabled={!block.command}
            onSelect={() => actions.copyCommand(block)}
          >
            Copy command
          </MenuItem>
          <MenuItem icon={<ScrollText className={icon} aria-hidden />} onSelect={() => actions.copyOutput(block)}>
            Copy output
          </MenuItem>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
