// Shortcuts of terminals: the key set and the user's changes.

import { RotateCcw, X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useChangePreferences } from '../../api/terminal-preferences.ts'
import { formatChord, toChord } from '../../chords.ts'
import { Button } from '../../components/button.tsx'
import { classNames } from '../../components/class-names.ts'
import { isMac } from '../../desktop.ts'
import { actionNames, chordsFor, type TerminalAction, terminalActions } from '../../terminal/keys/terminal-actions.ts'
import { resolveKeySet } from '../../terminal/keys/terminal-keys.ts'
import { ChoiceSetting, type Preferences, Row, Section } from './setting.tsx'

const keySets = [
  { value: 'auto', label: 'Automatic' },
  { value: 'window', label: 'Desktop window' },
  { value: 'browser', label: 'Browser' },
] as const

export function KeySettings({ preferences }: Preferences) {
  return (
    <Section
      title="Shortcuts"
      note="Select a field and press the new shortcut. All other keys go to the shell and its programs."
    >
      <ChoiceSetting
        preferences={preferences}
        name="key_set"
        label="Key set"
        description="Browsers reserve Ctrl+Shift+T and other shortcuts, so the browser set uses Alt+Shift."
        choices={keySets}
      />
      {actionNames.map((action) => (
        <KeyRow key={action} action={action} preferences={preferences} />
      ))}
    </Section>
  )
}

function KeyRow({ action, preferences }: Preferences & { action: TerminalAction }) {
  const { mutate } = useChangePreferences()
  const { keys } = preferences
  const set = resolveKeySet(preferences)
  const override = keys[action]
  const chord = override ?? chordsFor(action, set)[0] ?? ''
  const conflict = chord ? findConflict(chord, action, preferences) : undefined
  const change = (next: string | undefined) => {
    const { [action]: _before, ...others } = keys
    mutate({ keys: next === undefined ? others : { ...others, [action]: next } })
  }
  return (
    <Row
      label={terminalActions[action].label}
      {...(conflict
        ? {
            description: `Also assigned to “${terminalActions[conflict].label}”. Only the first of the two actions runs.`,
          }
        : {})}
    >
      {(id) => (
        <span className="flex items-center gap-1">
          {override !== undefined && (
            <Button variant="quiet" size="icon-small" aria-label="Reset shortcut" onClick={() => change(undefined)}>
              <RotateCcw className="size-3.5" aria-hidden />
            </Button>
          )}
          {chord && (
            <Button variant="quiet" size="icon-small" aria-label="Remove shortcut" onClick={() => change('')}>
              <X className="size-3.5" aria-hidden />
            </Button>
          )}
          <ChordField id={id} chord={chord} isConflict={conflict !== undefined} onChange={change} />
        </span>
      )}
    </Row>
  )
}

/** Another action with the same chord. */
function findConflict(
  chord: string,
  action: TerminalAction,
  { key_set, keys }: Preferences['preferences'],
): TerminalAction | undefined {
  const set = resolveKeySet({ key_set })
  return actionNames.find((other) => {
    const chords = keys[other] === undefined ? chordsFor(other, set) : [keys[other]]
    return other !== action && chords.includes(chord)
  })
}

interface ChordFieldProps {
  readonly id: string
  readonly chord: string
  readonly isConflict: boolean
  readonly onChange: (chord: string) => void
}

/** Records the next chord. Esc cancels; Tab moves the focus as usual. */
function ChordField({ id, chord, isConflict, onChange }: ChordFieldProps) {
  const [isListening, setListening] = useState(false)
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>) => {
    if (!isListening || event.key === 'Tab') return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') return setListening(false)
    const pressed = toChord(event.nativeEvent)
    // Keys without a modifier belong to the shell.
    if (!pressed || !/^(Ctrl|Alt|Cmd)\+|^F\d/.test(pressed)) return
    setListening(false)
    if (pressed !== chord) onChange(pressed)
  }
  return (
    <button
      id={id}
      type="button"
      onClick={() => setListening(true)}
      onBlur={() => setListening(false)}
      onKeyDown={onKeyDown}
      className={classNames(
        'h-8 w-40 rounded-control border px-2.5 text-sm',
        isListening ? 'border-accent text-muted' : isConflict ? 'border-attention' : 'border-line-control bg-surface',
      )}
    >
      {isListening ? 'Press shortcut' : chord ? formatChord(chord, isMac) : <span className="text-muted">None</span>}
    </button>
  )
}
