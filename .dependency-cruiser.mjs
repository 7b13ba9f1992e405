// Who may import whom, as in docs/architecture.md: `npm run check` fails on an import against these arrows and on cycles.

/** Top-level folders → what they may import of ours, beside their own files. */
const mayImport = {
  lib: [],
  api: ['lib'],
  terraform: ['lib'],
  server: ['api', 'terraform', 'lib'],
  agent: ['api', 'lib'],
  main: ['api', 'lib'],
  renderer: ['api', 'lib'],
  cli: ['api', 'terraform', 'lib'],
}

/** Layers inside server/, from the top; each may import its own and those below it. */
const serverLayers = [
  ['main', 'maintenance', 'app', 'dashboard', 'icons', 'open-files'],
  ['routes', 'lookup', 'openapi'],
  [
    'http',
    'search',
    'templates',
    'workspaces',
    'tasks',
    'builds',
    'provisioner',
    'agents',
    'schedule',
    'users',
    'terminals',
    'audit',
    'notifications',
    'health',
    'metrics',
    'deployment',
    'context',
  ],
  ['database', 'events', 'policy', 'site-configs', 'relay'],
  ['config', 'settings', 'log', 'clock'],
]

const codeFolders = [...Object.keys(mayImport), 'e2e', 'bench', 'scripts', 'templates']

// Tests may set a scene with parts of any folder.
const tests = String.raw`\.test\.tsx?$|\.spec\.ts$|(^|/)testing/|^terraform/(conformance|fuzz)/|^cli/official/`

/** @param {string[]} names */
const inFolders = (names) => `^(${names.join('|')})/`

/** @param {string[]} names files or folders of server/ */
const inServer = (names) => `^server/(${names.join('|')})(/|[.]ts$)`

const folderRules = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `${folder} imports ${allowed.length > 0 ? `only ${allowed.join(', ')}` : 'nothing of ours'}`,
  severity: 'error',
  from: { path: inFolders([folder]), pathNot: tests },
  to: { path: inFolders(codeFolders.filter((other) => other !== folder && !allowed.includes(other))) },
}))

const layerRules = serverLayers.slice(1).map((layer, index) => ({
  name: `server: ${layer.join(', ')} import nothing above them`,
  severity: 'error',
  from: { path: inServer(layer), pathNot: tests },
  to: { path: inServer(serverLayers.slice(0, index + 1).flat()) },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...folderRules,
    ...layerRules,
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'what ships imports no test code',
      severity: 'error',
      from: { pathNot: `${tests}|^(e2e|bench|scripts)/` },
      to: { path: tests },
    },
    { name: 'imports resolve', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)node_modules/|^dist/' },
    // Type-only imports are arrows too: a type that two sides need belongs into a third file.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'lookup', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
}
