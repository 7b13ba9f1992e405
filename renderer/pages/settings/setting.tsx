// Components of the settings page: sections, and settings with a label, a description, a control and a reset button.

import { RotateCcw } from 'lucide-react'
import { createContext, type ReactNode, useContext, useId } from 'react'
import { defaultTerminalPreferences, type TerminalPreferences } from '../../../api/agents/terminals.ts'
import { useChangePreferences } from '../../api/terminal-preferences.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { type Choice, Segmented } from '../../components/segmented.tsx'
import { Tooltip } from '../../components/tooltip.tsx'
import { Toggle } from './inputs.tsx'

const SearchQuery = createContext('')

export function SettingsSearch({ query, children }: { query: string; children: ReactNode }) {
  return <SearchQuery.Provider value={query.trim().toLowerCase()}>{children}</SearchQuery.Provider>
}

/** Whether the texts contain every word of the search query. */
function useMatchesSearch(...texts: string[]): boolean {
  const query = useContext(SearchQuery)
  const text = texts.join(' ').toLowerCase()
  return query.split(/\s+/).every((word) => text.includes(word))
}

export function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    // Hidden if no setting in it matches the search.
    <Card title={title} className="mt-5 [&:not(:has([data-setting]))]:hidden">
      {note && <p className="-mt-1 mb-3 text-sm text-muted">{note}</p>}
      <div className="flex flex-col divide-y divide-line">{children}</div>
    </Card>
  )
}

interface RowProps {
  readonly label: string
  readonly description?: string
  /** Places the control below the description instead of beside it. */
  readonly isWide?: boolean
  readonly onReset?: (() => void) | undefined
  readonly children: ReactNode | ((id: string) => ReactNode)
}

export function Row({ label, description = '', isWide = false, onReset, children }: RowProps) {
  const id = useId()
  if (!useMatchesSearch(label, description)) return null
  return (
    <div
      data-setting
      className={
        isWide
          ? 'flex flex-col gap-3 py-3 first:pt-0 last:pb-0'
          : 'flex items-center gap-x-6 gap-y-2 py-3 first:pt-0 last:pb-0 max-sm:flex-col max-sm:items-start'
      }
    >
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-1.5">
          <label htmlFor={id} className="font-medium">
            {label}
          </label>
          {onReset && (
            <Tooltip text="Reset to default">
              <Button
                variant="quiet"
                size="icon-small"
                className="-my-1 size-6"
                aria-label={`Reset ${label} to default`}
                onClick={onReset}
              >
                <RotateCcw className="size-3.5" aria-hidden />
              </Button>
            </Tooltip>
          )}
        </div>
        {description && <p className="mt-0.5 text-sm text-muted">{description}</p>}
      </div>
      <div className={isWide ? '' : 'shrink-0'}>{typeof children === 'function' ? children(id) : children}</div>
    </div>
  )
}

export interface Preferences {
  readonly preferences: TerminalPreferences
}

interface SettingProps<Name extends keyof TerminalPreferences> extends Preferences {
  readonly name: Name
  readonly label: string
  readonly description?: string
  readonly isWide?: boolean
  readonly children: (
    value: TerminalPreferences[Name],
    change: (value: TerminalPreferences[Name]) => void,
    id: string,
  ) => ReactNode
}

/** A setting for one preference. */
export function Setting<Name extends keyof TerminalPreferences>({
  preferences,
  name,
  children,
  ...description
}: SettingProps<Name>) {
  const { mutate } = useChangePreferences()
  const change = (value: TerminalPreferences[Name]) => mutate({ [name]: value })
  const defaultValue = defaultTerminalPreferences[name]
  const isDefault = JSON.stringify(preferences[name]) === JSON.stringify(defaultValue)
  return (
    <Row {...description} onReset={isDefault ? undefined : () => change(defaultValue)}>
      {(id) => children(preferences[name], change, id)}
    </Row>
  )
}

/** Names of the preferences with values of this type. */
type NamesOf<Value> = {
  [Name in keyof TerminalPreferences]: TerminalPreferences[Name] extends Value ? Name : never
}[keyof TerminalPreferences]

type TypedSettingProps<Value> = Omit<SettingProps<NamesOf<Value>>, 'children'>

export const SwitchSetting = (props: TypedSettingProps<boolean>) => (
  <Setting {...props}>{(isOn, change, id) => <Toggle id={id} isOn={isOn} onChange={change} />}</Setting>
)

interface ChoiceSettingProps<Name extends NamesOf<string>> extends Omit<SettingProps<Name>, 'children'> {
  readonly choices: readonly (Choice & { readonly value: TerminalPreferences[Name] })[]
}

export function ChoiceSetting<Name extends NamesOf<string>>({ choices, ...props }: ChoiceSettingProps<Name>) {
  return (
    <Setting {...props}>
      {(value, change, id) => (
        <Segmented
          id={id}
          label={props.label}
          value={value}
          choices={choices}
          onChange={(chosen) => change(chosen as typeof value)}
        />
      )}
    </Setting>
  )
}
