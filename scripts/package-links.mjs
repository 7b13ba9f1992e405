// The packager copies symbolic links with targets in the staging folder, which is deleted afterwards. Redirects them to
// the files next to them in the package.

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
  // All packaged links are alternative names of a library in the same folder.
  await symlink(path.basename(target), link)
}
