// The bar beside each command: green when it went well, red when it failed, blue while it runs. It tells how it went,
// and does what one wants of a command.

import { Copy, CornerDownLeft, ScrollText } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { TerminalTheme } from '../../../../api/agents/terminals.ts'
import { classNames } from '../../../components/class-names.ts'
import { MenuItem, menuClass } from '../../../components/menu.tsx'
import { duration } from '../../../components/time.tsx'
import type { ShellCommand } from '../pane-types.ts'
import type { VisibleCommand } from './visible-commands.ts'

export interface CommandActions {
  runAgain(command: ShellCommand): void
  copyCommand(command: ShellCommand): void
  copyOutput(command: ShellCommand): void
  /** Gives the keyboard back to the terminal. */
  focusTerminal(): void
}

/** `failed 1 · 1.0 s · ~/work/shop`; shape and colour never speak alone. */
export function describeRun({ isRunning, exit, startedAt, endedAt, cwd }: ShellCommand): string {
  const how = isRunning ? 'running' : exit === undefined ? 'ended' : exit === 0 ? 'done' : `failed ${exit}`
  const took = startedAt !== undefined && endedAt !== undefined ? duration(endedAt - startedAt) : ''
  return [how, took, cwd].filter(Boolean).join(' · ')
}

/** Of the terminal's own colours, which are there to be seen on its ground. */
export function barColor({ isRunning, exit }: ShellCommand, { ansi }: TerminalTheme): string | undefined {
  if (isRunning) return ansi[4]
  if (exit === undefined) return ansi[8]
  return exit === 0 ? ansi[2] : ansi[1]
}

interface CommandGutterProps {
  readonly commands: readonly VisibleCommand[]
  readonly theme: TerminalTheme
  readonly user: CommandActions
}

export function CommandGutter({ commands, theme, user }: CommandGutterProps) {
  return (
    <div className="absolute top-0 left-0 w-3">
      {commands.map((command) => (
        <Bar key={command.block.id} {...command} theme={theme} user={user} />
      ))}
    </div>
  )
}

const icon = 'size-4 text-muted'

function Bar({ block, top, height, theme, user }: VisibleCommand & Pick<CommandGutterProps, 'theme' | 'user'>) {
  const told = describeRun(block)
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        // The keyboard has keys for what is here, and the way of Tab is the shell's.
        tabIndex={-1}
        aria-label={`${block.command || 'Command'}: ${told}`}
        title={block.command ? `${block.command}\n${told}` : told}
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
          style={{ background: barColor(block, theme) }}
        />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side="right"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          // Not to the bar: what is typed next is the shell's. Whoever pressed somewhere else has it there.
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            if (document.activeElement === document.body) user.focusTerminal()
          }}
          className={classNames(
            menuClass,
            'max-h-(--radix-dropdown-menu-content-available-height) min-w-[min(14rem,calc(100vw-32px))]',
          )}
        >
          <DropdownMenu.Label className="px-2 pt-1.5 pb-1">
            {block.command && <span className="block truncate font-mono text-xs">{block.command}</span>}
            <span className="tabular block truncate text-xs text-muted">{told}</span>
            {!block.isOwn && (
              <span className="block text-xs text-muted">Told by a program, not by this terminal’s shell</span>
            )}
          </DropdownMenu.Label>
          <MenuItem
            icon={<CornerDownLeft className={icon} aria-hidden />}
            disabled={!block.command || !block.isOwn}
            onSelect={() => user.runAgain(block)}
          >
            Run again
          </MenuItem>
          <MenuItem
            icon={<Copy className={icon} aria-hidden />}
            disabled={!block.command}
            onSelect={() => user.copyCommand(block)}
          >
            Copy command
          </MenuItem>
          <MenuItem icon={<ScrollText className={icon} aria-hidden />} onSelect={() => user.copyOutput(block)}>
            Copy output
          </MenuItem>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
