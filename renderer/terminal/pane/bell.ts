// The sound of a terminal's bell: short, quiet, and made here, so that no file has to be loaded for it.

let context: AudioContext | undefined

const hertz = 660
const seconds = 0.09
const loudness = 0.06

export function ringBell(): void {
  context ??= new AudioContext()
  const from = context.currentTime
  const tone = context.createOscillator()
  const volume = context.createGain()
  tone.frequency.value = hertz
  volume.gain.setValueAtTime(loudness, from)
  volume.gain.exponentialRampToValueAtTime(0.0001, from + seconds)
  tone.connect(volume).connect(context.destination)
  tone.start(from)
  tone.stop(from + seconds)
}
