// Traverses the tree of a template's modules.

import type { ModuleNode } from '../../config/module.ts'

/** All modules of the tree, breadth first. */
export function moduleNodes(root: ModuleNode): ModuleNode[] {
  const found = [root]
  for (let at = 0; at < found.length; at++) found.push(...(found[at] as ModuleNode).children.values())
  return found
}
