// The terminals of this window, of all workspaces. `?session=` shows a session; `?tab=` receives a tab that another window
// transfers.

import { getRouteApi } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Page } from '../../shell/page.tsx'
import { createPane, showPane } from '../../terminal/deck/actions/deck-actions.ts'
import { DeckOutlet } from '../../terminal/deck/state/deck-location.tsx'
import { adoptFromOtherWindow, changeLayout, useLayout } from '../../terminal/layout/current-layout.ts'
import { receiveTabTransfer } from '../../terminal/layout/tab-transfer.ts'
import { listPanes } from '../../terminal/layout/tree.ts'
import { activatePane, adoptTab, findTab } from '../../terminal/layout/window-layout.ts'
import { useOpenTerminals } from '../../terminal/open-terminals.ts'

export function TerminalsPage() {
  useSessionFromAddress()
  useTabTransfer()
  return (
    <Page fills title="Terminals">
      <DeckOutlet kind="page" />
    </Page>
  )
}

const route = getRouteApi('/signed-in/terminals')

/** Shows the session in the address and removes it from the address: from then on the layout determines what is shown. */
function useSessionFromAddress(): void {
  const { session } = route.useSearch()
  const navigate = route.useNavigate()
  const layout = useLayout()
  const { terminals, isPending } = useOpenTerminals()
  const found = terminals.find((terminal) => terminal.session.id === session)
  const isOpenHere = layout !== undefined && session !== undefined && findTab(layout, session) !== undefined
  const pane = found && createPane(found.workspace.id, found.agent.name, found.session.id)
  const isReady = layout !== undefined && session !== undefined && (isOpenHere || pane !== undefined || !isPending)
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once per address, when the session is known
  useEffect(() => {
    if (!isReady) return
    if (isOpenHere) changeLayout((before) => activatePane(before, session))
    else if (pane) changeLayout(showPane(pane))
    void navigate({ search: {}, replace: true })
  }, [isReady, session])
}

function useTabTransfer(): void {
  const { tab: id } = route.useSearch()
  const navigate = route.useNavigate()
  useEffect(() => {
    if (id === undefined) return
    const tab = receiveTabTransfer(id)
    if (tab)
      adoptFromOtherWindow(
        (layout) => adoptTab(layout, tab),
        listPanes(tab.root).map(({ session_id }) => session_id),
      )
    void navigate({ search: {}, replace: true })
  }, [id, navigate])
}
