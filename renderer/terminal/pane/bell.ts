// The terminal bell: a flash of the pane and a short synthesized sound, as the preferences request.

import { useState } from 'react'
import type { TerminalPreferences } from '../../../api/agents/terminals.ts'

// Long enough to be noticed.
const flashMs = 150

/** @param onRing called unless the bell is switched off */
export function useBell(preference: TerminalPreferences['bell'], onRing: (() => void) | undefined) {
  const [isFlashing, setFlashing] = useState(false)
  const ring = () => {
    if (preference === 'none') return
    onRing?.()
    if (preference === 'sound' || preference === 'both') void playSound()
    if (preference !== 'visual' && preference !== 'both') return
    setFlashing(true)
    setTimeout(() => setFlashing(false), flashMs)
  }
  return { isFlashing, ring }
}

let context: AudioContext | undefined
let lastBell = 0

const hertz = 660
const seconds = 0.09
const volume = 0.06

/** Browsers suspend audio until the user first interacts with the page; of the bells before that, only the last one sounds. */
async function playSound(): Promise<void> {
  context ??= new AudioContext()
  const bell = ++lastBell
  await context.resume()
  if (bell === lastBell) playTone(context)
}

function playTone(audio: AudioContext): void {
  const start = audio.currentTime
  const tone = audio.createOscillator()
  const gain = audio.createGain()
  tone.frequency.value = hertz
  gain.gain.setValueAtTime(volume, start)
  gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds)
  tone.connect(gain).connect(audio.destination)
  tone.start(start)
  tone.stop(start + seconds)
}
