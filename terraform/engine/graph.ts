// The graph of what refers to what inside a template. Nodes are written as in the language: `var.x`, `local.y`,
// `output.z`, `data.coder_workspace.me`, `coder_agent.main`.

export interface Graph {
  /** From each node to the nodes it refers to. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>
}
