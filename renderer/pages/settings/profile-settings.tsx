// Terminal profiles: named sets of shell, variables, font and theme for new terminals.

import { Pencil, Plus, Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { TerminalPreferences, TerminalProfile } from '../../../api/agents/terminals.ts'
import { useChangePreferences } from '../../api/terminal-preferences.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Field, inputClass, TextField } from '../../components/field.tsx'
import { randomUuid } from '../../terminal/random-uuid.ts'
import { NumberInput, Select } from './inputs.tsx'
import { type Preferences, Row, Section, Setting } from './setting.tsx'
import { themeChoices } from './theme-gallery.tsx'

export function ProfileSettings({ preferences }: Preferences) {
  const { mutate } = useChangePreferences()
  const [edited, setEdited] = useState<TerminalProfile>()
  const { profiles } = preferences
  const save = (profile: TerminalProfile) => {
    const isKnown = profiles.some(({ id }) => id === profile.id)
    mutate({
      profiles: isKnown ? profiles.map((each) => (each.id === profile.id ? profile : each)) : [...profiles, profile],
    })
    setEdited(undefined)
  }
  const remove = (profile: TerminalProfile) =>
    mutate({
      profiles: profiles.filter(({ id }) => id !== profile.id),
      ...(preferences.default_profile === profile.id ? { default_profile: '' } : {}),
    })
  return (
    <Section title="Profiles">
      <Row
        isWide
        label="Terminal profiles"
        description="Shell, variables, font and theme of new terminals. Choose a profile in the menu beside the + button."
      >
        {profiles.length > 0 && (
          <ul className="mb-3 divide-y divide-line rounded-card border border-line">
            {profiles.map((profile) => (
              <li key={profile.id} className="flex h-11 items-center gap-3 px-3">
                <span className="font-medium">{profile.name}</span>
                <span className="min-w-0 flex-1 truncate text-sm text-muted">
                  {summarizeProfile(profile, preferences)}
                </span>
                <Button
                  variant="quiet"
                  size="icon-small"
                  aria-label={`Edit ${profile.name}`}
                  onClick={() => setEdited(profile)}
                >
                  <Pencil className="size-4" aria-hidden />
                </Button>
                <Button
                  variant="quiet"
                  size="icon-small"
                  aria-label={`Remove ${profile.name}`}
                  onClick={() => remove(profile)}
                >
                  <Trash2 className="size-4" aria-hidden />
                </Button>
              </li>
            ))}
          </ul>
        )}
        <Button onClick={() => setEdited(emptyProfile())}>
          <Plus className="size-4" aria-hidden /> New profile
        </Button>
      </Row>
      {profiles.length > 0 && (
        <Setting
          preferences={preferences}
          name="default_profile"
          label="Default profile"
          description="For terminals that are opened without choosing a profile."
        >
          {(value, change, id) => (
            <Select
              id={id}
              value={value}
              choices={[
                { value: '', label: 'None' },
                ...profiles.map((profile) => ({ value: profile.id, label: profile.name })),
              ]}
              onChange={change}
            />
          )}
        </Setting>
      )}
      {edited && (
        <ProfileDialog profile={edited} preferences={preferences} onSave={save} onClose={() => setEdited(undefined)} />
      )}
    </Section>
  )
}

const emptyProfile = (): TerminalProfile => ({
  id: randomUuid(),
  name: '',
  shell: '',
  env: {},
  font: '',
  font_size: null,
  theme: '',
})

function summarizeProfile({ shell, env, font, theme }: TerminalProfile, preferences: TerminalPreferences): string {
  const variables = Object.keys(env).length
  const themeName = themeChoices(preferences).find(({ value }) => value === theme)?.label
  return [shell, variables > 0 && `${variables} variable${variables > 1 ? 's' : ''}`, font, themeName]
    .filter(Boolean)
    .join(' · ')
}

const formatVariables = (env: TerminalProfile['env']): string =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')

/** Parses lines of `NAME=value`. @returns the variables, or the first invalid line */
function parseVariables(text: string): TerminalProfile['env'] | string {
  const env: Record<string, string> = {}
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line)
    if (!match?.[1]) return line.trim()
    env[match[1]] = match[2] ?? ''
  }
  return env
}

interface ProfileDialogProps extends Preferences {
  readonly profile: TerminalProfile
  readonly onSave: (profile: TerminalProfile) => void
  readonly onClose: () => void
}

function ProfileDialog({ profile, preferences, onSave, onClose }: ProfileDialogProps) {
  const [draft, setDraft] = useState(profile)
  const [variables, setVariables] = useState(formatVariables(profile.env))
  const env = parseVariables(variables)
  const change = (changed: Partial<TerminalProfile>) => setDraft((before) => ({ ...before, ...changed }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typeof env !== 'string' && draft.name.trim()) onSave({ ...draft, name: draft.name.trim(), env })
  }
  return (
    <Dialog open onOpenChange={onClose} title={profile.name ? `Edit ${profile.name}` : 'New profile'}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          autoFocus
          maxLength={100}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <TextField
          label="Shell"
          hint="default: login shell"
          description="A path in the workspace, or the name of a program on its PATH."
          mono
          placeholder="/usr/bin/fish"
          maxLength={1000}
          value={draft.shell}
          onChange={(event) => change({ shell: event.target.value })}
        />
        <Field
          label="Variables"
          hint="NAME=value, one per line"
          problem={typeof env === 'string' ? `“${env}” is not in the form NAME=value.` : undefined}
        >
          {(control) => (
            <textarea
              {...control}
              rows={3}
              spellCheck={false}
              className={inputClass('h-auto py-1.5 font-mono text-sm')}
              value={variables}
              onChange={(event) => setVariables(event.target.value)}
            />
          )}
        </Field>
        <Field label="Theme">
          {({ id }) => (
            <Select
              id={id}
              value={draft.theme}
              choices={[{ value: '', label: 'Default theme' }, ...themeChoices(preferences)]}
              onChange={(theme) => change({ theme })}
            />
          )}
        </Field>
        <TextField
          label="Font"
          hint="default: font from Appearance"
          maxLength={200}
          value={draft.font}
          onChange={(event) => change({ font: event.target.value })}
        />
        <Field label="Font size">
          {({ id }) => (
            <NumberInput
              id={id}
              value={draft.font_size ?? preferences.font_size}
              min={6}
              max={48}
              unit="px"
              onChange={(size) => change({ font_size: size })}
            />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" disabled={!draft.name.trim() || typeof env === 'string'}>
            Save profile
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
