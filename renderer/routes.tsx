// The routes of the dashboard. Addresses match those of Coder's dashboard, so that existing links work.

import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { ApiError } from '../api/errors.ts'
import { meQuery } from './api/users.ts'
import { Delayed } from './components/skeleton.tsx'
import { ErrorPage } from './pages/not-found/error-page.tsx'
import { NotFound } from './pages/not-found/not-found.tsx'
import { WorkspacesPage } from './pages/workspaces/workspaces.tsx'
import { Shell } from './shell/shell.tsx'

// Lazy chunks, for a faster first page. The router preloads a chunk when its link is hovered.
const lazyPages = {
  templates: lazyRouteComponent(() => import('./pages/templates/templates.tsx'), 'TemplatesPage'),
  createWorkspace: lazyRouteComponent(
    () => import('./pages/create-workspace/create-workspace.tsx'),
    'CreateWorkspacePage',
  ),
  terminals: lazyRouteComponent(() => import('./pages/terminals/terminals-page.tsx'), 'TerminalsPage'),
  replay: lazyRouteComponent(() => import('./pages/terminals/replay-page.tsx'), 'ReplayPage'),
  workspace: lazyRouteComponent(() => import('./pages/workspace/workspace-page.tsx'), 'WorkspacePage'),
  overview: lazyRouteComponent(() => import('./pages/workspace/overview.tsx'), 'WorkspaceOverview'),
  terminal: lazyRouteComponent(() => import('./pages/workspace/terminal.tsx'), 'WorkspaceTerminal'),
  logs: lazyRouteComponent(() => import('./pages/workspace/logs.tsx'), 'WorkspaceLogs'),
  builds: lazyRouteComponent(() => import('./pages/workspace/builds.tsx'), 'WorkspaceBuilds'),
  build: lazyRouteComponent(() => import('./pages/workspace/builds.tsx'), 'WorkspaceBuildPage'),
  workspaceSettings: lazyRouteComponent(
    () => import('./pages/workspace/settings/settings-page.tsx'),
    'WorkspaceSettings',
  ),
  generalSettings: lazyRouteComponent(() => import('./pages/workspace/settings/general.tsx'), 'GeneralSettings'),
  parameterSettings: lazyRouteComponent(() => import('./pages/workspace/settings/parameters.tsx'), 'ParameterSettings'),
  scheduleSettings: lazyRouteComponent(() => import('./pages/workspace/settings/schedule.tsx'), 'ScheduleSettings'),
  sharingSettings: lazyRouteComponent(() => import('./pages/workspace/settings/sharing.tsx'), 'SharingSettings'),
  terminalSettings: lazyRouteComponent(
    () => import('./pages/settings/terminal-settings-page.tsx'),
    'TerminalSettingsPage',
  ),
  signIn: lazyRouteComponent(() => import('./pages/sign-in/sign-in.tsx'), 'SignInPage'),
  cliAuth: lazyRouteComponent(() => import('./pages/cli-auth/cli-auth.tsx'), 'CliAuthPage'),
  resetPassword: lazyRouteComponent(() => import('./pages/sign-in/reset-password.tsx'), 'ResetPasswordPage'),
  changePassword: lazyRouteComponent(() => import('./pages/sign-in/reset-password.tsx'), 'ChangeForgottenPasswordPage'),
}

/** Preloads the chunks of the terminal, so that opening a terminal loads none. */
export async function preloadTerminal(): Promise<void> {
  await Promise.all([
    lazyPages.workspace.preload?.(),
    lazyPages.overview.preload?.(),
    lazyPages.terminal.preload?.(),
    import('./terminal/deck/terminal-deck.tsx'),
    import('./terminal/pane/terminal-pane.tsx'),
  ])
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const root = createRootRouteWithContext<{ cache: QueryClient }>()({ component: Outlet })

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: lazyPages.signIn,
  validateSearch: (search: Record<string, unknown>): { redirect?: string; reason?: string } => ({
    redirect: text(search.redirect),
    reason: text(search.reason),
  }),
})

const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: lazyPages.resetPassword,
  validateSearch: (search: Record<string, unknown>): { email?: string } => ({ email: text(search.email) }),
})
const changePassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password/change',
  component: lazyPages.changePassword,
  validateSearch: (search: Record<string, unknown>): { otp?: string; email?: string } => ({
    otp: text(search.otp),
    email: text(search.email),
  }),
})

/** Redirects to the sign-in page without a session; sign-in returns to this address. */
async function requireSession({
  context,
  location,
}: {
  context: { cache: QueryClient }
  location: { href: string }
}): Promise<void> {
  try {
    await context.cache.ensureQueryData(meQuery)
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      throw redirect({ to: '/login', search: { redirect: location.href } })
    }
    throw error
  }
}

const cliAuth = createRoute({
  getParentRoute: () => root,
  path: '/cli-auth',
  component: lazyPages.cliAuth,
  beforeLoad: requireSession,
})

/** All pages inside the shell. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Shell,
  pendingComponent: () => (
    <Delayed>
      <p className="p-6 text-muted">Loading your account</p>
    </Delayed>
  ),
  beforeLoad: requireSession,
})

const index = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/workspaces', replace: true })
  },
})
const workspaces = createRoute({ getParentRoute: () => signedIn, path: '/workspaces', component: WorkspacesPage })
const templates = createRoute({ getParentRoute: () => signedIn, path: '/templates', component: lazyPages.templates })
const createWorkspace = createRoute({
  getParentRoute: () => signedIn,
  path: '/templates/$template/workspace',
  component: lazyPages.createWorkspace,
})
/** A session to show, or a tab transferred from another window. */
interface TerminalsSearch {
  session?: string | undefined
  tab?: string | undefined
  window?: 'new'
}

const replay = createRoute({
  getParentRoute: () => signedIn,
  path: '/terminals/replay',
  component: lazyPages.replay,
})

const terminals = createRoute({
  getParentRoute: () => signedIn,
  path: '/terminals',
  component: lazyPages.terminals,
  validateSearch: (search: Record<string, unknown>): TerminalsSearch => ({
    session: text(search.session),
    tab: text(search.tab),
    ...(search.window === 'new' ? { window: 'new' } : {}),
  }),
})

const workspace = createRoute({
  getParentRoute: () => signedIn,
  path: '/@{$owner}/$name',
  component: lazyPages.workspace,
})
const overview = createRoute({
  getParentRoute: () => workspace,
  path: '/',
  component: lazyPages.overview,
  validateSearch: (search: Record<string, unknown>): { open?: 'terminal' } =>
    search.open === 'terminal' ? { open: 'terminal' } : {},
})
const terminal = createRoute({
  getParentRoute: () => workspace,
  path: '/terminal',
  component: lazyPages.terminal,
  validateSearch: (search: Record<string, unknown>): { reconnect?: string } => ({ reconnect: text(search.reconnect) }),
})
const logs = createRoute({ getParentRoute: () => workspace, path: '/logs', component: lazyPages.logs })
const builds = createRoute({ getParentRoute: () => workspace, path: '/builds', component: lazyPages.builds })
const build = createRoute({ getParentRoute: () => workspace, path: '/builds/$number', component: lazyPages.build })

const workspaceSettings = createRoute({
  getParentRoute: () => workspace,
  path: '/settings',
  component: lazyPages.workspaceSettings,
})
const generalSettings = createRoute({
  getParentRoute: () => workspaceSettings,
  path: '/',
  component: lazyPages.generalSettings,
})
const parameterSettings = createRoute({
  getParentRoute: () => workspaceSettings,
  path: '/parameters',
  component: lazyPages.parameterSettings,
  validateSearch: (search: Record<string, unknown>): { version?: string } => ({ version: text(search.version) }),
})
const scheduleSettings = createRoute({
  getParentRoute: () => workspaceSettings,
  path: '/schedule',
  component: lazyPages.scheduleSettings,
})
const sharingSettings = createRoute({
  getParentRoute: () => workspaceSettings,
  path: '/sharing',
  component: lazyPages.sharingSettings,
})

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  beforeLoad: () => {
    throw redirect({ to: '/settings/terminals', replace: true })
  },
})
const terminalSettings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/terminals',
  component: lazyPages.terminalSettings,
})

const notFound = createRoute({ getParentRoute: () => signedIn, path: '$', component: () => <NotFound /> })

/** All components in all states; development only. */
const componentsPage = createRoute({
  getParentRoute: () => signedIn,
  path: '/dev/components',
  component: import.meta.env.DEV
    ? lazyRouteComponent(() => import('./pages/components/components-page.tsx'), 'ComponentsPage')
    : undefined,
})

const routeTree = root.addChildren([
  login,
  resetPassword,
  changePassword,
  cliAuth,
  signedIn.addChildren([
    index,
    workspaces,
    templates,
    createWorkspace,
    terminals,
    replay,
    workspace.addChildren([
      overview,
      terminal,
      logs,
      builds,
      build,
      workspaceSettings.addChildren([generalSettings, parameterSettings, scheduleSettings, sharingSettings]),
    ]),
    settings,
    terminalSettings,
    notFound,
    ...(import.meta.env.DEV ? [componentsPage] : []),
  ]),
])

export const createPageRouter = (cache: QueryClient) =>
  createRouter({
    routeTree,
    context: { cache },
    defaultPreload: 'intent',
    defaultNotFoundComponent: () => <NotFound />,
    defaultErrorComponent: ErrorPage,
    scrollRestoration: true,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPageRouter>
  }
}
