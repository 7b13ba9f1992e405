// Shows a command line at the upper edge of the screen while its output is visible and the line itself is scrolled away.

import type { TerminalAppearance } from '../../appearance/terminal-appearance.ts'
import { describeRun, getBarColor } from './command-gutter.tsx'
import type { CommandBlock } from './command-marks.ts'

interface StickyCommandProps {
  readonly block: CommandBlock
  readonly appearance: TerminalAppearance
  readonly onPress: () => void
}

export function StickyCommand({ block, appearance, onPress }: StickyCommandProps) {
  const { background, foreground } = appearance.theme
  return (
    <button
      type="button"
      tabIndex={-1}
      onClick={onPress}
      title="Scroll to this command"
      className="absolute inset-x-0 top-0 z-10 flex h-7 items-center gap-3 border-b pr-4 pl-3 text-left"
      style={{
        // Slightly transparent: Chromium omits a strip at the opposite edge if a canvas is covered in its full width.
        background: `color-mix(in oklab, color-mix(in oklab, ${background} 94%, ${foreground}) 99.6%, transparent)`,
        borderColor: `color-mix(in oklab, ${background} 80%, ${foreground})`,
        color: foreground,
      }}
    >
      <span
        aria-hidden
        className="absolute inset-y-1 left-0 w-[3px] rounded-r-[2px]"
        style={{ background: getBarColor(block, appearance.theme) }}
      />
      <span
        className="min-w-0 flex-1 truncate"
        style={{
          fontFamily: appearance.fontFamily,
          fontSize: Math.min(14, appearance.fontSize),
          fontVariantLigatures: 'none',
        }}
      >
        {block.command || 'command'}
      </span>
      <span className="tabular shrink-0 text-xs opacity-75">{describeRun({ ...block, cwd: '' })}</span>
    </button>
  )
}
