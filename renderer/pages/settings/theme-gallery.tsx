// Previews of the terminal themes, and theme import.

import { Check, Trash2, Upload } from 'lucide-react'
import { useRef } from 'react'
import type { TerminalPreferences, TerminalTheme } from '../../../api/agents/terminals.ts'
import { useChangePreferences } from '../../api/terminal-preferences.ts'
import { Button } from '../../components/button.tsx'
import { classNames } from '../../components/class-names.ts'
import { notify, notifyFailure } from '../../notices.ts'
import { terminalThemes } from '../../terminal/appearance/terminal-themes.ts'
import { parseTheme } from '../../terminal/appearance/theme-import.ts'
import { type Preferences, Row } from './setting.tsx'

const allThemes = ({ themes }: TerminalPreferences): readonly TerminalTheme[] => [...terminalThemes, ...themes]

export const themeChoices = (preferences: TerminalPreferences) =>
  allThemes(preferences).map(({ id, name }) => ({ value: id, label: name }))

export function ThemeGallery({ preferences }: Preferences) {
  const { mutate } = useChangePreferences()
  const current = preferences.theme || terminalThemes[0]?.id
  const remove = (theme: TerminalTheme) =>
    mutate({
      themes: preferences.themes.filter(({ id }) => id !== theme.id),
      ...(preferences.theme === theme.id ? { theme: '' } : {}),
      ...(preferences.light_theme === theme.id ? { light_theme: '' } : {}),
    })
  return (
    <Row
      isWide
      label="Theme"
      description="Applies to all open terminals. You can import themes of VS Code (.json) and iTerm2 (.itermcolors)."
    >
      <div role="radiogroup" aria-label="Theme" className="grid grid-cols-[repeat(auto-fill,minmax(140px,1fr))] gap-3">
        {allThemes(preferences).map((theme) => (
          <div key={theme.id} className="group relative">
            <ThemeCard theme={theme} isChosen={theme.id === current} onChoose={() => mutate({ theme: theme.id })} />
            {preferences.themes.includes(theme) && (
              <Button
                size="icon-small"
                className="absolute top-1.5 right-1.5 opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
                aria-label={`Remove ${theme.name}`}
                onClick={() => remove(theme)}
              >
                <Trash2 className="size-3.5" aria-hidden />
              </Button>
            )}
          </div>
        ))}
      </div>
      <ImportThemes preferences={preferences} />
    </Row>
  )
}

interface ThemeCardProps {
  readonly theme: TerminalTheme
  readonly isChosen: boolean
  readonly onChoose: () => void
}

// ANSI black and white are close to the background and foreground; the six colors in between characterize a theme.
const previewColors = [1, 2, 3, 4, 5, 6]

function ThemeCard({ theme, isChosen, onChoose }: ThemeCardProps) {
  const color = (index: number) => ({ color: theme.ansi[index] })
  return (
    // biome-ignore lint/a11y/useSemanticElements: a radio input cannot contain a preview
    <button
      type="button"
      role="radio"
      aria-checked={isChosen}
      onClick={onChoose}
      className={classNames(
        'w-full overflow-hidden rounded-card border text-left',
        isChosen ? 'border-accent outline-1 outline-accent' : 'border-line-strong hover:border-line-control',
      )}
    >
      <span
        aria-hidden
        className="block px-3 py-2.5 font-mono text-[11px] leading-[1.5]"
        style={{ background: theme.background, color: theme.foreground }}
      >
        <span className="block">
          <span style={color(2)}>dev</span> <span style={color(4)}>~/shop</span> <span style={color(3)}>main</span>
        </span>
        <span className="block">❯ npm test</span>
        <span className="block">
          <span style={color(1)}>✗ 1 failed</span> <span style={color(8)}>2 s</span>{' '}
          <span className="inline-block h-3 w-1.5 align-middle" style={{ background: theme.cursor }} />
        </span>
        <span className="mt-1.5 flex gap-1">
          {previewColors.map((index) => (
            <span key={index} className="h-1.5 flex-1 rounded-sm" style={{ background: theme.ansi[index] }} />
          ))}
        </span>
      </span>
      <span className="flex h-8 items-center gap-2 border-t border-line bg-surface px-3 text-sm">
        <span className="min-w-0 flex-1 truncate">{theme.name}</span>
        {isChosen && <Check className="size-4 text-accent-text" aria-hidden />}
      </span>
    </button>
  )
}

function ImportThemes({ preferences }: Preferences) {
  const picker = useRef<HTMLInputElement>(null)
  const { mutate } = useChangePreferences()
  const importFiles = async (files: readonly File[]) => {
    const imported: TerminalTheme[] = []
    for (const file of files) {
      try {
        imported.push(parseTheme(file.name, await file.text()))
      } catch (error) {
        notifyFailure(`Could not import ${file.name}`, error)
      }
    }
    const [first] = imported
    if (!first) return
    const others = preferences.themes.filter(({ id }) => !imported.some((theme) => theme.id === id))
    mutate(
      { themes: [...others, ...imported], theme: first.id },
      { onSuccess: () => notify(`Imported ${imported.map(({ name }) => name).join(', ')}`) },
    )
  }
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        accept=".json,.jsonc,.itermcolors"
        aria-label="Theme files"
        className="hidden"
        onChange={(event) => {
          void importFiles([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
      <Button className="mt-3" onClick={() => picker.current?.click()}>
        <Upload className="size-4" aria-hidden /> Import themes…
      </Button>
    </>
  )
}
