// Where things lie in a checkout. Leaf of scripts/: plain JavaScript that the oldest supported Node (20) runs before
// anything is installed, so it imports Node's own modules only.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's root, absolute. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/** @param {...string} parts relative to the checkout's root */
export const inProject = (...parts) => path.join(root, ...parts)

/** Top-level folders that hold TypeScript of ours, in the order of who may import whom. */
const codeFolders = ['lib', 'api', 'terraform', 'server', 'agent', 'main', 'renderer', 'cli', 'e2e', 'bench']

/** The code folders that exist. */
export const presentCodeFolders = () => codeFolders.filter((folder) => existsSync(inProject(folder)))
