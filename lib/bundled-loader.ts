// The dynamic loader in the archive of an agent (agent-archive.ts), relative to its root. With it, Node.js runs in images
// that do not have the C and C++ libraries of a usual distribution.

export const bundledLoader = 'lib/ld.so'

/** Runs Node.js with the libraries of the archive. @param root of the unpacked archive */
export const nodeCommand = (root: string, ...args: readonly string[]): string[] => [
  `${root}/${bundledLoader}`,
  '--library-path',
  `${root}/lib`,
  `${root}/node`,
  ...args,
]
