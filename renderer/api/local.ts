// Details of the computer that coderd runs on.

import { queryOptions } from '@tanstack/react-query'
import { getThisComputer } from '../../api/local.ts'
import { client } from './client.ts'

export const thisComputerQuery = queryOptions({
  queryKey: ['this-computer'],
  queryFn: ({ signal }) => client.call(getThisComputer, { signal }),
})
