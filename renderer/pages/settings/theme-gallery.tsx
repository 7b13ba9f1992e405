// The themes as they look, and how to bring others along.

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
  const forget = (theme: TerminalTheme) =>
    mutate({
      themes: preferences.themes.filter(({ id }) => id !== theme.id),
      ...(preferences.theme === theme.id ? { theme: '' } : {}),
      ...(preferences.light_theme === theme.id ? { light_theme: '' } : {}),
    })
  return (
    <Row
      isWide
      label="Theme"
      description="Seen at once in every open terminal. VS Code’s themes (.json) and iTerm2’s (.itermcolors) can be imported."
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
                onClick={() => forget(theme)}
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

// black and white of a theme are mostly its grounds: the six in between show what it is like.
const shownColors = [1, 2, 3, 4, 5, 6]

function ThemeCard({ theme, isChosen, onChoose }: ThemeCardProps) {
  const color = (index: number) => ({ color: theme.ansi[index] })
  return (
    // biome-ignore lint/a11y/useSemanticElements: a picture that is chosen, in a group of them
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
          {shownColors.map((index) => (
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
  const take = async (files: readonly File[]) => {
    const read: TerminalTheme[] = []
    for (const file of files) {
      try {
        read.push(parseTheme(file.name, await file.text()))
      } catch (error) {
        notifyFailure(`${file.name} could not be imported`, error)
      }
    }
    const [first] = read
    if (!first) return
    const kept = preferences.themes.filter(({ id }) => !read.some((theme) => theme.id === id))
    mutate(
      { themes: [...kept, ...read], theme: first.id },
      { onSuccess: () => notify(`${read.map(({ name }) => name).join(', ')}: imported and in use`) },
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
          void take([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
      <Button className="mt-3" onClick={() => picker.current?.click()}>
        <Upload className="size-4" aria-hidden /> Import themes…
      </Button>
    </>
  )
}
