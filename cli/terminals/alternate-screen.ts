// Tracks in a terminal's output whether the alternate screen, which full-screen programs use, is on.

const switches = [1049, 1047, 47].flatMap((mode) => [
  { sequence: `\x1b[?${mode}h`, isOn: true },
  { sequence: `\x1b[?${mode}l`, isOn: false },
])
const longestSwitch = Math.max(...switches.map(({ sequence }) => sequence.length))

export interface AlternateScreen {
  readonly isOn: boolean
  feed(output: Buffer): void
}

export function trackAlternateScreen(): AlternateScreen {
  let isOn = false
  let end: Buffer = Buffer.alloc(0)
  return {
    get isOn() {
      return isOn
    },
    feed(output) {
      const text = Buffer.concat([end, output])
      end = Buffer.from(text.subarray(-(longestSwitch - 1)))
      let last = -1
      for (const found of switches) {
        const at = text.lastIndexOf(found.sequence)
        if (at > last) [last, isOn] = [at, found.isOn]
      }
    },
  }
}
