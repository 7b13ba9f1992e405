// Paths in a checkout. Runs on the oldest supported Node (20) before any package is installed, so it imports only Node's
// built-in modules.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's root, absolute. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/** @param {...string} parts relative to the checkout's root */
export const inProject = (...parts) => path.join(root, ...parts)

/** Top-level folders with TypeScript sources, in import order. */
const codeFolders = ['lib', 'api', 'terraform', 'server', 'agent', 'main', 'renderer', 'cli', 'e2e', 'bench']

/** The code folders that exist. */
export const presentCodeFolders = () => codeFolders.filter((folder) => existsSync(inProject(folder)))
