// What a change makes stale is asked for again, also where the first answer is still on its way.

import type { QueryClient, QueryKey } from '@tanstack/react-query'

/** A first answer that is on its way may be from before the change, and the cache would take it as new: it is asked for
 *  again when it has come. Without a key all that is known is asked for again. */
export function invalidate(cache: QueryClient, filter: { readonly queryKey?: QueryKey }): void {
  const onTheirWay = cache.getQueryCache().findAll({ ...filter, fetchStatus: 'fetching' })
  void cache.invalidateQueries(filter)
  for (const query of onTheirWay.filter(({ state }) => state.data === undefined)) {
    const again = () => void cache.invalidateQueries({ queryKey: query.queryKey, exact: true })
    void query.promise?.then(again, again)
  }
}
