// Layouts that the user has saved under a name.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { NamedLayout } from '../../../api/agents/terminals.ts'
import { layoutsQuery, updateLayouts } from '../../api/terminal-layouts.ts'
import { notify, notifyFailure } from '../../notices.ts'
import { randomUuid } from '../random-uuid.ts'
import { openTabs } from './current-layout.ts'
import { parseWindowLayout } from './layout-parser.ts'
import { toLayoutWindow } from './layout-storage.ts'
import type { WindowLayout } from './window-layout.ts'

/** Saves a layout, replacing an earlier one of the same name. */
export function useSaveLayout() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ name, layout }: { name: string; layout: WindowLayout }) =>
      updateLayouts((layouts) => {
        const earlier = layouts.named.find((each) => each.name === name)
        const id = earlier?.id ?? randomUuid()
        const saved: NamedLayout = { id, name, windows: [toLayoutWindow(id, layout)] }
        const others = layouts.named.filter((each) => each !== earlier)
        return { ...layouts, named: [...others, saved].sort((a, b) => a.name.localeCompare(b.name)) }
      }),
    onSuccess(layouts, { name }) {
      cache.setQueryData(layoutsQuery.queryKey, layouts)
      notify(`Saved layout “${name}”`, 'Opening it shows its running sessions and starts those that have ended.')
    },
    onError: (error, { name }) => notifyFailure(`Could not save layout “${name}”`, error),
  })
}

export function useDeleteLayout() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id }: NamedLayout) =>
      updateLayouts((layouts) => ({ ...layouts, named: layouts.named.filter((each) => each.id !== id) })),
    onSuccess: (layouts) => cache.setQueryData(layoutsQuery.queryKey, layouts),
    onError: (error, { name }) => notifyFailure(`Could not delete layout “${name}”`, error),
  })
}

/** Opens the tabs in this window. Terminals that are already open here move into them. */
export const openLayout = ({ windows }: NamedLayout): void =>
  openTabs(windows.flatMap((window) => parseWindowLayout(window).tabs))
