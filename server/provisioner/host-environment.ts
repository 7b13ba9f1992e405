// Environment that local processes inherit from coderd: the user's environment without variables of
// coderd (which may contain passwords) and of its launcher.

// npm and Electron set these for child processes; they break tools in a user's shell.
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

/** Removes the folders that `npm start` prepends to PATH, which would hide the user's `node`. */
function withoutNpmFolders(path: string): string {
  const separator = process.platform === 'win32' ? ';' : ':'
  return path
    .split(separator)
    .filter((folder) => !/node_modules[\\/]\.bin$|node-gyp-bin$|node_modules[\\/]node-[^\\/]+[\\/]bin$/.test(folder))
    .join(separator)
}
