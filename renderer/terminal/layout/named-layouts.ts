// Arrangements that a person keeps under a name, to open them again.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { NamedLayout } from '../../../api/agents/terminals.ts'
import { layoutsQuery, updateLayouts } from '../../api/terminal-layouts.ts'
import { notify, notifyFailure } from '../../notices.ts'
import { randomUuid } from '../random-uuid.ts'
import { openTabs } from './current-layout.ts'
import { parseWindowLayout } from './layout-parser.ts'
import { toLayoutWindow } from './layout-storage.ts'
import type { WindowLayout } from './window-layout.ts'

/** Keeps a layout under a name, in the place of an earlier one of that name. */
export function useSaveLayout() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ name, layout }: { name: string; layout: WindowLayout }) =>
      updateLayouts((layouts) => {
        const earlier = layouts.named.find((each) => each.name === name)
        const id = earlier?.id ?? randomUuid()
        const kept: NamedLayout = { id, name, windows: [toLayoutWindow(id, layout)] }
        const others = layouts.named.filter((each) => each !== earlier)
        return { ...layouts, named: [...others, kept].sort((a, b) => a.name.localeCompare(b.name)) }
      }),
    onSuccess(layouts, { name }) {
      cache.setQueryData(layoutsQuery.queryKey, layouts)
      notify(`The layout “${name}” is kept`, 'Its sessions go on, and are started where they have ended.')
    },
    onError: (error, { name }) => notifyFailure(`Could not keep the layout “${name}”`, error),
  })
}

export function useDeleteLayout() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id }: NamedLayout) =>
      updateLayouts((layouts) => ({ ...layouts, named: layouts.named.filter((each) => each.id !== id) })),
    onSuccess: (layouts) => cache.setQueryData(layoutsQuery.queryKey, layouts),
    onError: (error, { name }) => notifyFailure(`Could not forget the layout “${name}”`, error),
  })
}

/** Opens its tabs in this window, arranged as they were kept; its terminals that are open here move into them. */
export const openLayout = ({ windows }: NamedLayout): void =>
  openTabs(windows.flatMap((window) => parseWindowLayout(window).tabs))
