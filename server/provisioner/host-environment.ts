// Environment of local processes: the environment of coderd without its own variables, which may contain passwords, and
// without variables of its launcher.

// npm and Electron set these for child processes; they break tools in a user's shell.
const excludedVariables = /^(?:CODER_|npm_|ELECTRON_|NODE_OPTIONS$|NODE_ENV$|NODE_CHANNEL_|INIT_CWD$|VITEST)/

export function hostEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !excludedVariables.test(name)) environment[name] = value
  }
  const path = env.PATH
  if (path !== undefined) environment.PATH = withoutNpmFolders(path)
  return environment
}

/** Removes the folders that `npm start` prepends to PATH, which would hide the user's `node`. */
function withoutNpmFolders(path: string): string {
  const separator = process.platform === 'win32' ? ';' : ':'
  return path
    .split(separator)
    .filter((folder) => !/node_modules[\\/]\.bin$|node-gyp-bin$|node_modules[\\/]node-[^\\/]+[\\/]bin$/.test(folder))
    .join(separator)
}
