// "New workspace": opens the form if there is one template, otherwise the list of templates.

import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { templatesQuery } from '../api/templates.ts'

export function useNewWorkspace(): () => void {
  const cache = useQueryClient()
  const navigate = useNavigate()
  return async () => {
    const templates = await cache.ensureQueryData(templatesQuery).catch(() => [])
    const [only] = templates
    await (only && templates.length === 1
      ? navigate({ to: '/templates/$template/workspace', params: { template: only.name } })
      : navigate({ to: '/templates' }))
  }
}
