// The changes made by formatting, in the format of `diff -u`.

interface Change {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
}

const contextLines = 3

/** Empty without changes. Matches lines by their longest common subsequence. */
export function unifiedDiff(before: string, after: string, path: string): string {
  if (before === after) return ''
  const changes = changesBetween(linesOf(before), linesOf(after))
  const hunks = hunksOf(changes).map(writeHunk)
  return `--- old/${path}\n+++ new/${path}\n${hunks.join('')}`
}

/** Lines include their line breaks. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

function changesBetween(before: readonly string[], after: readonly string[]): Change[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const unchanged = (lines: readonly string[]) => lines.map((line): Change => ({ sign: ' ', line }))
  return [
    ...unchanged(before.slice(0, start)),
    ...changesWithin(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...unchanged(before.slice(before.length - end)),
  ]
}

function changesWithin(before: readonly string[], after: readonly string[]): Change[] {
  const pairs = before.length * after.length > maxCells ? equalAtSameIndex(before, after) : commonLines(before, after)
  const changes: Change[] = []
  let i = 0
  let j = 0
  for (const [atBefore, atAfter] of [...pairs, [before.length, after.length] as const]) {
    while (i < atBefore) changes.push({ sign: '-', line: before[i++] as string })
    while (j < atAfter) changes.push({ sign: '+', line: after[j++] as string })
    if (i < before.length && j < after.length) changes.push({ sign: ' ', line: before[i++] as string })
    j = atAfter + 1
  }
  return changes
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
  readonly before: number
  readonly after: number
  readonly changes: Change[]
}

/** Groups changes with their context lines into hunks. */
function hunksOf(changes: readonly Change[]): Hunk[] {
  const hunks: Hunk[] = []
  let before = 0
  let after = 0
  let lastChange = Number.NEGATIVE_INFINITY
  for (const [index, change] of changes.entries()) {
    if (change.sign !== ' ') {
      const from = Math.max(0, index - contextLines)
      if (index - lastChange > 2 * contextLines + 1) {
        const lead = index - from
        hunks.push({ before: before - lead, after: after - lead, changes: [...changes.slice(from, index)] })
      } else hunks.at(-1)?.changes.push(...changes.slice(lastChange + 1, index))
      hunks.at(-1)?.changes.push(change)
      lastChange = index
    }
    if (change.sign !== '+') before++
    if (change.sign !== '-') after++
    const isTail = change.sign === ' ' && index === Math.min(lastChange + contextLines, changes.length - 1)
    if (isTail && !changes.slice(index + 1, lastChange + 2 * contextLines + 2).some(({ sign }) => sign !== ' ')) {
      hunks.at(-1)?.changes.push(...changes.slice(lastChange + 1, index + 1))
    }
  }
  return hunks
}

function writeHunk({ before, after, changes }: Hunk): string {
  const count = (other: Change['sign']) => changes.filter(({ sign }) => sign !== other).length
  const place = (start: number, lines: number) =>
    lines === 1 ? `${start + 1}` : `${lines === 0 ? start : start + 1},${lines}`
  const lines = changes.map(
    ({ sign, line }) => `${sign}${line}${line.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`,
  )
  return `@@ -${place(before, count('+'))} +${place(after, count('-'))} @@\n${lines.join('')}`
}
