// Import rules, described in docs/architecture.md. `npm run check` fails on an import that violates them and on cycles.

/** The top-level folders that each top-level folder may import, besides itself. */
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

/** Layers inside server/, from the top. A layer may import only itself and the layers below. */
const serverLayers = [
  ['main', 'maintenance'],
  ['app', 'dashboard', 'icons', 'file-descriptor-monitor', 'idle-memory', 'instance-lock', 'startup'],
  ['routes'],
  ['lookup', 'openapi'],
  // Features
  ['autobuild', 'container-bridges', 'provisioner', 'health', 'tasks'],
  ['workspaces', 'deployment', 'metrics'],
  ['context'],
  ['http'],
  // Domain
  ['builds'],
  ['templates', 'terminals'],
  ['agents'],
  ['schedule', 'users'],
  ['notifications', 'audit'],
  ['jobs', 'archives', 'search'],
  // Base
  ['periodic-task', 'policy', 'site-configs', 'omit-empty'],
  ['base-context'],
  ['events', 'metrics-recorder', 'log', 'encryption'],
  ['database', 'relay', 'config', 'clock', 'error-message'],
  ['settings'],
]

/** Layers inside agent/, with the same rule. */
const agentLayers = [
  ['main', 'bridge'],
  ['holder', 'find-route'],
  ['services'],
  ['service-supervisor', 'terminals'],
  ['service-messages', 'services-program', 'shell', 'screens', 'connection', 'traffic'],
  ['manifest', 'shell-integration', 'socket-path', 'abortable-sleep', 'deployment-id'],
  ['settings'],
]

/** Layers inside agent/screens/, with the same rule. */
const screenLayers = [
  ['screens', 'session-screen', 'screen-worker', 'screen-worker-client', 'messages'],
  ['screen'],
  ['record', 'drawing'],
]

/** Layers inside cli/, with the same rule. */
const cliLayers = [
  ['main', 'run'],
  ['command-tree'],
  ['definitions'],
  ['commands'],
  ['forward'],
  ['dial'],
  ['mcp', 'scaletest', 'completion', 'builds'],
  ['lookup', 'terminals', 'local-templates', 'launch'],
  ['prompts', 'connection', 'arguments'],
  ['output'],
]

/** Layers inside terraform/, from the top. A layer may import only the layers below; its folders do not import each other. */
const terraformLayers = [
  ['test'],
  ['extraction', 'stubs', 'console', 'graph', 'hcldec', 'providers/bundled'],
  ['show'],
  ['engine/apply', 'engine/validate'],
  ['engine/plan'],
  ['engine/evaluation'],
  ['engine/providers', 'engine/state'],
  ['engine/template'],
  ['engine/graph'],
  [
    'engine/modules',
    'providers/coder',
    'providers/docker',
    'providers/host',
    'providers/local',
    'providers/terraform',
    'providers/time',
  ],
  ['config', 'fmt', 'provider-schema'],
  ['provider'],
  ['lang/evaluator'],
  ['lang/functions'],
  ['lang/scope'],
  ['lang/function', 'lang/limits', 'lang/regexp'],
  ['hcl'],
  ['diagnostics'],
  ['addresses', 'values'],
]

/** The files of a folder, without its subfolders. @param {string} folder */
const filesOf = (folder) => `${folder}(?=/[^/]+$)`

/** Layers inside renderer/, with the same rules as terraform/. */
const rendererLayers = [
  ['main'],
  ['app'],
  ['routes'],
  [
    'pages/cli-auth',
    'pages/components',
    'pages/create-workspace',
    'pages/settings',
    'pages/templates',
    'pages/terminals',
    'pages/workspace',
    'pages/workspaces',
  ],
  ['pages/sign-in', 'pages/not-found', 'pages/welcome'],
  ['shell'],
  ['palette', filesOf('terminal/deck')],
  ['terminal/deck/dialogs', 'terminal/deck/panes', 'terminal/deck/tabs'],
  ['terminal/deck/actions'],
  ['terminal/deck/state'],
  [filesOf('terminal/pane')],
  ['terminal/pane/commands', 'terminal/recordings'],
  ['terminal/screen'],
  ['terminal/appearance', 'terminal/connection', 'terminal/keys', 'terminal/layout'],
  [filesOf('terminal')],
  ['workspace', 'theme'],
  ['api', 'components', 'keys', 'palette-state'],
  ['notices', 'store', 'desktop', 'media'],
  ['describe-error', 'chords'],
]

const codeFolders = [...Object.keys(mayImport), 'e2e', 'bench', 'scripts', 'templates']

// Tests may use parts of any folder to set up their fixtures.
const tests = String.raw`\.test\.tsx?$|\.spec\.ts$|(^|/)testing/|^terraform/(conformance|fuzz)/|^cli/official/`

// Loads the bundles of coderd and the agent by URL and imports only types from their sources.
const entryPoints = '^cli/launch/entrypoints[.]ts$'

/** @param {string[]} names */
const inFolders = (names) => `^(${names.join('|')})/`

/** @param {string} root @param {string[]} names files or folders of the root folder */
const inLayer = (root, names) => `^${root}/(${names.join('|')})(/|[.]tsx?$)`

const folderRules = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `${folder} imports ${allowed.length > 0 ? `only ${allowed.join(', ')}` : 'nothing of ours'}`,
  severity: 'error',
  from: { path: inFolders([folder]), pathNot: `${tests}|${entryPoints}` },
  to: { path: inFolders(codeFolders.filter((other) => other !== folder && !allowed.includes(other))) },
}))

/** @param {string} root @param {string[][]} layers */
const layerRules = (root, layers) =>
  layers.slice(1).map((layer, index) => ({
    name: `${root}: ${layer.join(', ')} import nothing above them`,
    severity: 'error',
    from: { path: inLayer(root, layer), pathNot: tests },
    to: { path: inLayer(root, layers.slice(0, index + 1).flat()) },
  }))

/** @param {string} root @param {string[][]} layers */
const independenceRules = (root, layers) =>
  layers.map((layer) => ({
    name: `${root}: ${layer.join(', ')} do not import each other`,
    severity: 'error',
    from: { path: inLayer(root, layer), pathNot: tests },
    to: { path: inLayer(root, layer), pathNot: `^${root}/$1(/|[.]tsx?$)` },
  }))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...folderRules,
    ...layerRules('server', serverLayers),
    ...layerRules('agent', agentLayers),
    ...layerRules('agent/screens', screenLayers),
    ...layerRules('cli', cliLayers),
    ...layerRules('terraform', terraformLayers),
    ...independenceRules('terraform', terraformLayers),
    ...layerRules('renderer', rendererLayers),
    ...independenceRules('renderer', rendererLayers),
    {
      name: 'entry points import only types of other bundles',
      severity: 'error',
      from: { path: entryPoints },
      to: { path: '^(server|agent)/', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shipped code imports no test code',
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
    // Type-only imports count: a type that two sides need belongs in a third file.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
}
