// Writes a graph in the DOT language, like `tofu graph`.

import type { DotGraph } from './vertices.ts'

export function toDot({ vertices, edges }: DotGraph): string {
  const lines = [
    ...vertices.map(
      ({ name, label, shape }) => `${quoted(name)} [label = ${JSON.stringify(label)}, shape = "${shape}"]`,
    ),
    ...edges.map(([from, to]) => `${quoted(from)} -> ${quoted(to)}`).sort(),
  ]
  const inner = lines.map((line) => `\t\t${line}\n`).join('')
  return `digraph {\n\tcompound = "true"\n\tnewrank = "true"\n\tsubgraph "root" {\n${inner}\t}\n}\n`
}

const quoted = (name: string) => JSON.stringify(`[root] ${name}`)
