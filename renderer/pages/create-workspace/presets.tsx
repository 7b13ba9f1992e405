// The template's presets as cards. Pressing the selected card again clears the selection.

import type { Preset } from '../../../api/templates/template-versions.ts'
import { classNames } from '../../components/class-names.ts'
import { plainText } from '../../workspace/parameters/parameters.ts'

interface PresetsProps {
  presets: readonly Preset[]
  chosenId: string | undefined
  onChoose: (preset: Preset | undefined) => void
}

export function Presets({ presets, chosenId, onChoose }: PresetsProps) {
  if (presets.length === 0) return null
  return (
    <section className="mb-5">
      <h2 className="mb-2 font-semibold text-muted">Presets</h2>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(200px,1fr))] gap-2.5">
        {presets.map((preset) => {
          const isChosen = preset.ID === chosenId
          return (
            <button
              key={preset.ID}
              type="button"
              aria-pressed={isChosen}
              onClick={() => onChoose(isChosen ? undefined : preset)}
              className={classNames(
                'rounded-card border bg-surface px-3.5 py-2.5 text-left transition-colors hover:bg-hover',
                isChosen ? 'border-accent shadow-[inset_0_0_0_1px_var(--accent)]' : 'border-line-strong',
              )}
            >
              <span className="block truncate font-semibold">{preset.Name}</span>
              <span className="block text-sm text-muted">
                {plainText(preset.Description) || summarizeValues(preset)}
              </span>
            </button>
          )
        })}
      </div>
    </section>
  )
}

const summarizeValues = ({ Parameters }: Preset): string => Parameters.map(({ Value }) => Value).join(' · ')

/** The parameter values of a preset. */
export const getPresetValues = ({ Parameters }: Preset): Record<string, string> =>
  Object.fromEntries(Parameters.map(({ Name, Value }) => [Name, Value]))
