// Ids that a request may leave out.

import { zeroUuid } from '../../api/common.ts'

/** Ids of zeros are what Go clients send for what they leave out. */
export const givenId = (id: string | null | undefined): string | undefined =>
  id === null || id === undefined || id === zeroUuid ? undefined : id
