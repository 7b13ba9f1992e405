// Templates, and the parameters, presets and resources of their versions.

import { queryOptions } from '@tanstack/react-query'
import {
  getRichParameters,
  getTemplateVersion,
  getTemplateVersionPresets,
  getTemplateVersionResources,
} from '../../api/templates/template-versions.ts'
import { getTemplate, getTemplateByName, listTemplates } from '../../api/templates/templates.ts'
import { client } from './client.ts'

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: ({ signal }) => client.call(listTemplates, { signal }),
})

export const templateQuery = (name: string) =>
  queryOptions({
    queryKey: ['templates', name],
    queryFn: ({ signal }) =>
      client.call(getTemplateByName, { params: { organization: 'default', templatename: name }, signal }),
  })

export const templateByIdQuery = (id: string) =>
  queryOptions({
    queryKey: ['templates', 'id', id],
    queryFn: ({ signal }) => client.call(getTemplate, { params: { template: id }, signal }),
  })

export const versionQuery = (id: string) =>
  queryOptions({
    queryKey: ['templates', 'version', id],
    queryFn: ({ signal }) => client.call(getTemplateVersion, { params: { templateversion: id }, signal }),
  })

// An imported version never changes, and only imported versions become active.
export const parametersQuery = (versionId: string) =>
  queryOptions({
    queryKey: ['template-versions', versionId, 'parameters'],
    queryFn: ({ signal }) => client.call(getRichParameters, { params: { templateversion: versionId }, signal }),
  })

export const presetsQuery = (versionId: string) =>
  queryOptions({
    queryKey: ['template-versions', versionId, 'presets'],
    queryFn: async ({ signal }) =>
      (await client.call(getTemplateVersionPresets, { params: { templateversion: versionId }, signal })) ?? [],
  })

export const versionResourcesQuery = (versionId: string) =>
  queryOptions({
    queryKey: ['template-versions', versionId, 'resources'],
    queryFn: ({ signal }) =>
      client.call(getTemplateVersionResources, { params: { templateversion: versionId }, signal }),
  })
