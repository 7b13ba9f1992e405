// The changes made by formatting, in the format of `diff -u`.

interface DiffLine {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
}

const contextLines = 3

/** Empty without changes. Matches lines by their longest common subsequence. */
export function unifiedDiff(before: string, after: string, path: string): string {
  if (before === after) return ''
  const hunks = hunksOf(diffLines(linesOf(before), linesOf(after))).map(writeHunk)
  return `--- old/${path}\n+++ new/${path}\n${hunks.join('')}`
}

/** Lines include their line breaks. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const unchanged = (lines: readonly string[]) => lines.map((line): DiffLine => ({ sign: ' ', line }))
  return [
    ...unchanged(before.slice(0, start)),
    ...diffChangedPart(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...unchanged(before.slice(before.length - end)),
  ]
}

function diffChangedPart(before: readonly string[], after: readonly string[]): DiffLine[] {
  const pairs = before.length * after.length > maxCells ? equalAtSameIndex(before, after) : commonLines(before, after)
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  for (const [atBefore, atAfter] of [...pairs, [before.length, after.length] as const]) {
    while (i < atBefore) lines.push({ sign: '-', line: before[i++] as string })
    while (j < atAfter) lines.push({ sign: '+', line: after[j++] as string })
    if (i < before.length && j < after.length) lines.push({ sign: ' ', line: before[i++] as string })
    j = atAfter + 1
  }
  return lines
}

type Pair = readonly [before: number, after: number]

// 2,000 lines compared with 2,000.
const maxCells = 4_000_000

/** Sufficient for very long texts: formatting rarely adds or removes lines. */
const equalAtSameIndex = (before: readonly string[], after: readonly string[]): Pair[] =>
  before.flatMap((line, index) => (line === after[index] && index < after.length ? [[index, index] as const] : []))

function commonLines(before: readonly string[], after: readonly string[]): Pair[] {
  const columns = after.length + 1
  // Each cell has the length of the longest common subsequence of the remaining lines.
  const lengths = new Uint16Array((before.length + 1) * columns)
  const at = (i: number, j: number) => lengths[i * columns + j] as number
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * columns + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const pairs: Pair[] = []
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i] === after[j]) pairs.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return pairs
}

interface Hunk {
  /** The number of lines before the hunk, in each text. */
  readonly before: number
  readonly after: number
  readonly lines: readonly DiffLine[]
}

/** Groups changes with their context lines; overlapping or adjacent groups are one hunk. */
function hunksOf(lines: readonly DiffLine[]): Hunk[] {
  const groups: { start: number; end: number }[] = []
  for (const [index, { sign }] of lines.entries()) {
    if (sign === ' ') continue
    const [start, end] = [Math.max(0, index - contextLines), index + contextLines + 1]
    const last = groups.at(-1)
    if (last && start <= last.end) last.end = end
    else groups.push({ start, end })
  }
  let [at, before, after] = [0, 0, 0]
  return groups.map(({ start, end }) => {
    for (; at < start; at++) {
      if (lines[at]?.sign !== '+') before++
      if (lines[at]?.sign !== '-') after++
    }
    return { before, after, lines: lines.slice(start, end) }
  })
}

function writeHunk({ before, after, lines }: Hunk): string {
  const countWithout = (excluded: DiffLine['sign']) => lines.filter(({ sign }) => sign !== excluded).length
  const formatRange = (start: number, count: number) =>
    count === 1 ? `${start + 1}` : `${count === 0 ? start : start + 1},${count}`
  const written = lines.map(
    ({ sign, line }) => `${sign}${line}${line.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`,
  )
  const header = `@@ -${formatRange(before, countWithout('+'))} +${formatRange(after, countWithout('-'))} @@`
  return `${header}\n${written.join('')}`
}
