// The dialog behind `?`: the shortcuts available on the current page.

import { formatChord } from '../chords.ts'
import { Dialog } from '../components/dialog.tsx'
import { Kbd } from '../components/kbd.tsx'
import { isMac } from '../desktop.ts'
import { useKeyScopes } from '../keys.ts'
import { actionNames, terminalActions } from '../terminal/keys/terminal-actions.ts'
import { shortcutOf } from '../terminal/keys/terminal-keys.ts'

/** Keycap labels of a binding: one per key of a sequence. */
const keycaps = (keys: string): string[] => keys.split(' ').map((chord) => formatChord(chord, isMac))

export function KeysDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const scopes = useKeyScopes()
  const shown = [...scopes].reverse().filter(({ bindings }) => bindings.some((binding) => !binding.isAlias))
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts" className="max-w-[680px]">
      <div className="grid max-h-[60vh] gap-x-8 gap-y-5 overflow-y-auto sm:grid-cols-2">
        {shown.map(({ title, bindings }) => (
          <section key={title}>
            <h3 className="mb-2 text-xs font-medium text-muted">{title}</h3>
            <ul className="flex flex-col gap-2">
              {bindings
                .filter((binding) => !binding.isAlias)
                .map((binding) => (
                  <li key={binding.keys} className="flex items-center gap-3 text-sm">
                    <span className="flex-1">{binding.label}</span>
                    <span className="flex gap-1">
                      {keycaps(binding.keys).map((cap) => (
                        <Kbd key={cap}>{cap}</Kbd>
                      ))}
                    </span>
                  </li>
                ))}
            </ul>
          </section>
        ))}
        <section className="sm:col-start-2 sm:row-span-3 sm:row-start-1">
          <h3 className="mb-2 text-xs font-medium text-muted">Terminals</h3>
          <ul className="flex flex-col gap-2 text-sm">
            {actionNames
              .filter((action) => shortcutOf(action))
              .map((action) => (
                <li key={action} className="flex items-center gap-3">
                  <span className="flex-1">{terminalActions[action].label}</span>
                  <Kbd>{shortcutOf(action)}</Kbd>
                </li>
              ))}
          </ul>
        </section>
      </div>
    </Dialog>
  )
}
