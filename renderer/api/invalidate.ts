// Invalidates queries, including those whose first response is still pending.

import type { QueryClient, QueryKey } from '@tanstack/react-query'

/** A pending first response may predate the change, but the cache would treat it as fresh. Such a query is refetched after
 *  the response. Without a key, invalidates all queries. */
export function invalidate(cache: QueryClient, filter: { readonly queryKey?: QueryKey }): void {
  const pending = cache.getQueryCache().findAll({ ...filter, fetchStatus: 'fetching' })
  void cache.invalidateQueries(filter)
  for (const query of pending.filter(({ state }) => state.data === undefined)) {
    const refetch = () => void cache.invalidateQueries({ queryKey: query.queryKey, exact: true })
    void query.promise?.then(refetch, refetch)
  }
}
