// Entry point of the dashboard.

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App, createAppServices } from './app.tsx'
import { listenToKeys } from './keys.ts'
import { takeLaunchCode } from './pages/sign-in/launch-code.ts'
import { preloadTerminal } from './routes.tsx'
import './theme/theme.css'

const container = document.getElementById('root')
if (!container) throw new Error('index.html has no #root')

// Runs first, so that no other code sees the launch code in the address.
const code = takeLaunchCode()
listenToKeys()
createRoot(container).render(
  <StrictMode>
    <App services={createAppServices()} code={code} />
  </StrictMode>,
)

// Runs after the first page has loaded. A failure recurs and is reported when a terminal is opened.
const preloadAfterMs = 800
setTimeout(
  () => void preloadTerminal().catch((reason) => console.info('Could not preload the terminal:', reason)),
  preloadAfterMs,
)
