// The packager copies links as links to where they came from, the staging folder, which is gone afterwards. Points them
// at their neighbours in the package again.

import { readdir, readlink, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { stagingFolder } from './package-layout.mjs'

/** @param {string} folder the package under construction */
export async function repairLinks(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const links = entries
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => path.join(entry.parentPath, entry.name))
  for (const link of links) await repairLink(link)
}

/** @param {string} link */
async function repairLink(link) {
  const target = await readlink(link)
  if (!target.startsWith(stagingFolder)) return
  await rm(link)
  // All links that we carry are names of a library beside it.
  await symlink(path.basename(target), link)
}
