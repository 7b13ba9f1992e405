// The keys of terminals: the set, and those that the person has changed.

import { RotateCcw, X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useChangePreferences } from '../../api/terminal-preferences.ts'
import { Button } from '../../components/button.tsx'
import { classNames } from '../../components/class-names.ts'
import { isMac } from '../../desktop.ts'
import {
  actionNames,
  chordsFor,
  formatChord,
  type TerminalAction,
  terminalActions,
  toChord,
} from '../../terminal/keys/terminal-actions.ts'
import { resolveKeySet } from '../../terminal/keys/terminal-keys.ts'
import { ChoiceSetting, type Preferences, Row, Section } from './setting.tsx'

const keySets = [
  { value: 'auto', label: 'As it fits' },
  { value: 'window', label: 'Window’s' },
  { value: 'browser', label: 'Browser’s' },
] as const

export function KeySettings({ preferences }: Preferences) {
  return (
    <Section
      title="Keys"
      note="Press a key’s field and then the keys for it. Every other key belongs to the shell and its programs."
    >
      <ChoiceSetting
        preferences={preferences}
        name="key_set"
        label="Set of keys"
        description="Browsers keep Ctrl+Shift+T and others for themselves: their set is on Alt+Shift."
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
  const own = keys[action]
  const chord = own ?? chordsFor(action, set)[0] ?? ''
  const taken = chord ? findConflict(chord, action, preferences) : undefined
  const change = (next: string | undefined) => {
    const { [action]: _before, ...others } = keys
    mutate({ keys: next === undefined ? others : { ...others, [action]: next } })
  }
  return (
    <Row
      label={terminalActions[action].label}
      {...(taken
        ? { description: `The same key: ${terminalActions[taken].label}. The upper one of the two gets it.` }
        : {})}
    >
      {(id) => (
        <span className="flex items-center gap-1">
          {own !== undefined && (
            <Button look="quiet" size="icon-small" aria-label="Back to the usual key" onClick={() => change(undefined)}>
              <RotateCcw className="size-3.5" aria-hidden />
            </Button>
          )}
          {chord && (
            <Button look="quiet" size="icon-small" aria-label="No key" onClick={() => change('')}>
              <X className="size-3.5" aria-hidden />
            </Button>
          )}
          <ChordField id={id} chord={chord} isConflict={taken !== undefined} onChange={change} />
        </span>
      )}
    </Row>
  )
}

/** Another action that has the same chord. */
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

/** Takes the next chord that is pressed. Esc and Tab leave it, as everywhere. */
function ChordField({ id, chord, isConflict, onChange }: ChordFieldProps) {
  const [isListening, setListening] = useState(false)
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>) => {
    if (!isListening || event.key === 'Tab') return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') return setListening(false)
    const pressed = toChord(event.nativeEvent)
    // A key without a modifier is the shell's.
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
      {isListening ? 'Press the keys' : chord ? formatChord(chord, isMac) : <span className="text-muted">none</span>}
    </button>
  )
}
