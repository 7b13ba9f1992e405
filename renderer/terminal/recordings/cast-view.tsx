// A screen that plays a recording, with its controls.

import { Pause, Play } from 'lucide-react'
import {
  type CSSProperties,
  type KeyboardEvent,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import type { Cast } from '../../../lib/asciicast.ts'
import { useTerminalPreferences } from '../../api/terminal-preferences.ts'
import { Button } from '../../components/button.tsx'
import { Segmented } from '../../components/segmented.tsx'
import { useIsDark } from '../../theme/theme.ts'
import { resolveAppearance, tint } from '../appearance/terminal-appearance.ts'
import { openXterm, type XtermScreen } from '../screen/xterm-screen.ts'
import { type CastPlayer, createCastPlayer } from './cast-player.ts'

const speeds = [1, 2, 4, 8]
const skipMs = 5_000

export default function CastView({ cast }: { cast: Cast }) {
  const container = useRef<HTMLDivElement>(null)
  const preferences = useTerminalPreferences()
  const isDark = useIsDark()
  const appearance = useMemo(() => resolveAppearance(preferences, '', isDark, 0), [preferences, isDark])
  const [player, setPlayer] = useState<CastPlayer>()

  // biome-ignore lint/correctness/useExhaustiveDependencies: only a different recording needs a new player
  useEffect(() => {
    const closing = new AbortController()
    const open = async (element: HTMLElement) => {
      const screen = await openXterm(element, appearance)
      if (closing.signal.aborted) return screen.dispose()
      screen.setVisible(true)
      const opened = createCastPlayer(cast, toCastScreen(screen))
      // The recording sets the size; the text is as large as possible.
      const observer = new ResizeObserver(() => fitText(screen))
      observer.observe(element)
      closing.signal.addEventListener('abort', () => {
        observer.disconnect()
        opened.pause()
        screen.dispose()
      })
      setPlayer(opened)
      opened.play()
    }
    if (container.current) void open(container.current)
    return () => closing.abort()
  }, [cast])

  return (
    <>
      <div className="relative min-h-0 flex-1 overflow-clip" style={{ background: appearance.theme.background }}>
        <div
          ref={container}
          className="absolute inset-3 [&_.xterm-screen]:outline [&_.xterm-screen]:outline-offset-4 [&_.xterm-screen]:outline-(color:--edge)"
          style={{ '--edge': tint(appearance.theme.foreground) } as CSSProperties}
        />
      </div>
      {player && <Controls player={player} />}
    </>
  )
}

const fitText = (screen: XtermScreen): void => {
  // Measures the container again; resize() then scales the text to it.
  screen.availableSize()
  screen.resize(screen.size())
}

const toCastScreen = (screen: XtermScreen) => ({
  reset(cols: number, rows: number) {
    screen.terminal.reset()
    screen.resize({ cols, rows })
  },
  resize: (cols: number, rows: number) => screen.resize({ cols, rows }),
  write: (text: string) => screen.terminal.write(text),
})

function Controls({ player }: { player: CastPlayer }) {
  const shown = useRef(player.state())
  const { isPlaying, atMs, speed } = useSyncExternalStore(player.onChange, () => {
    const now = player.state()
    const isSame = now.isPlaying === shown.current.isPlaying && now.speed === shown.current.speed
    if (!isSame || Math.abs(now.atMs - shown.current.atMs) >= 1) shown.current = now
    return shown.current
  })
  const toggle = () => (isPlaying ? player.pause() : player.play())
  // The slider and the speed control handle arrow keys themselves.
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLButtonElement) || event.target.role === 'radio') return
    const step = event.key === 'ArrowLeft' ? -skipMs : event.key === 'ArrowRight' ? skipMs : 0
    if (step === 0) return
    event.preventDefault()
    player.seek(player.state().atMs + step)
  }
  return (
    <div
      role="toolbar"
      aria-label="Playback"
      className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-3 border-t border-line bg-surface px-4 max-sm:py-2"
      onKeyDown={onKeyDown}
    >
      <Button autoFocus variant="quiet" size="icon" aria-label={isPlaying ? 'Pause' : 'Play'} onClick={toggle}>
        {isPlaying ? <Pause className="size-4" aria-hidden /> : <Play className="size-4" aria-hidden />}
      </Button>
      <span className="tabular w-24 shrink-0 text-sm text-muted">
        {formatTime(atMs)} / {formatTime(player.durationMs)}
      </span>
      <input
        type="range"
        aria-label="Position"
        className="min-w-0 flex-1 accent-accent max-sm:order-first max-sm:h-8 max-sm:basis-full"
        min={0}
        max={player.durationMs}
        step={10}
        value={atMs}
        onChange={(event) => player.seek(Number(event.target.value))}
      />
      <Segmented
        label="Speed"
        value={String(speed)}
        choices={speeds.map((each) => ({ value: String(each), label: `${each}×` }))}
        onChange={(value) => player.setSpeed(Number(value))}
      />
    </div>
  )
}

/** `1:05` */
function formatTime(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
