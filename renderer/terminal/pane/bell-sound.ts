// The sound of a terminal's bell: short, quiet, and made here, so that no file has to be loaded for it.

let context: AudioContext | undefined
let rung = 0

const hertz = 660
const seconds = 0.09
const loudness = 0.06

/** Before the person has pressed anything on the page, browsers let nothing sound: what rings meanwhile is not to sound
 *  all at once when they do, but once. */
export async function playBell(): Promise<void> {
  context ??= new AudioContext()
  const own = ++rung
  await context.resume()
  if (own === rung) sound(context)
}

function sound(context: AudioContext): void {
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
