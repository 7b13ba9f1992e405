// The environment that processes on this computer inherit from coderd: the person's own, without what belongs to
// coderd (its settings may hold passwords) or to the program that started it.

// npm and Electron leave these to their children; in somebody's shell they only mislead tools.
const notThePersons = /^(?:CODER_|npm_|ELECTRON_|NODE_OPTIONS$|NODE_ENV$|NODE_CHANNEL_|INIT_CWD$|VITEST)/

export function hostEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !notThePersons.test(name)) kept[name] = value
  }
  const path = env.PATH
  if (path !== undefined) kept.PATH = withoutNpmFolders(path)
  return kept
}

/** `npm start` puts the project's own commands in front, which would hide the person's `node`. */
function withoutNpmFolders(path: string): string {
  const separator = process.platform === 'win32' ? ';' : ':'
  return path
    .split(separator)
    .filter((folder) => !/node_modules[\\/]\.bin$|node-gyp-bin$|node_modules[\\/]node-[^\\/]+[\\/]bin$/.test(folder))
    .join(separator)
}
