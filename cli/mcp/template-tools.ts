// Tools for templates: listing, creating and deleting templates and versions, and reading their parameters.

import { tarType, uploadFile } from '../../api/templates/files.ts'
import {
  createTemplateVersion,
  evaluateDynamicParameters,
  getTemplateVersionLogs,
} from '../../api/templates/template-versions.ts'
import { createTemplate, deleteTemplate, listTemplates, promoteTemplateVersion } from '../../api/templates/templates.ts'
import { packFiles } from '../local-templates/template-archive.ts'
import { requireOrganization } from '../lookup/find-organization.ts'
import { stringField, stringMapField, tool } from './tool.ts'
import { formatJobLog } from './workspace-tools.ts'

export const templateTools = [
  tool({
    name: 'coder_list_templates',
    description: 'Lists templates with the IDs of their active versions.',
    required: {},
    optional: {},
    async call(_input, { userConnection }) {
      const templates = await userConnection().client.call(listTemplates)
      return templates.map(({ id, name, display_name, description, active_version_id, active_user_count }) => ({
        id,
        name,
        display_name,
        description,
        active_version_id,
        active_user_count,
      }))
    },
  }),
  tool({
    name: 'coder_template_version_parameters',
    description:
      'Returns the parameters of a template version: names, types, options, defaults and whether they are required.',
    required: { template_version_id: stringField('The ID of the version.') },
    optional: { rich_parameters: stringMapField('Values by name: other parameters may depend on them.') },
    async call({ template_version_id, rich_parameters = {} }, { userConnection }) {
      const params = { templateversion: template_version_id }
      return userConnection().client.call(evaluateDynamicParameters, {
        params,
        body: { id: 0, inputs: rich_parameters },
      })
    },
  }),
  tool({
    name: 'coder_get_template_version_logs',
    description: 'Returns the import log of a template version.',
    required: { template_version_id: stringField('The ID of the version.') },
    optional: {},
    async call({ template_version_id }, { userConnection }) {
      const params = { templateversion: template_version_id }
      return formatJobLog(await userConnection().client.call(getTemplateVersionLogs, { params }))
    },
  }),
  tool({
    name: 'coder_upload_tar_file',
    description:
      'Uploads the files of a template for coder_create_template_version. A template is Terraform code with the provider coder/coder, usually in main.tf.',
    required: { files: stringMapField('File contents by path.') },
    optional: {},
    async call({ files }, { userConnection }) {
      const data = await packFiles(Object.entries(files).map(([name, content]) => ({ name, content })))
      const { hash } = await userConnection().client.call(uploadFile, { bytes: { type: tarType, data } })
      return { file_id: hash }
    },
  }),
  tool({
    name: 'coder_create_template_version',
    description:
      'Imports uploaded files as a version of a template, or for a new template. coder_get_template_version_logs shows the progress.',
    required: { file_id: stringField('The file_id returned by coder_upload_tar_file.') },
    optional: { template_id: stringField('The ID of the template; omit it for a new template.') },
    async call({ file_id, template_id }, { userConnection }) {
      const { client } = userConnection()
      const { id: organization } = await requireOrganization(client)
      const version = await client.call(createTemplateVersion, {
        params: { organization },
        body: {
          storage_method: 'file',
          provisioner: 'terraform',
          file_id,
          ...(template_id && { template_id }),
        },
      })
      return { id: version.id, name: version.name, status: version.job.status }
    },
  }),
  tool({
    name: 'coder_update_template_active_version',
    description: 'Promotes a version to the active version of its template, which new workspaces use.',
    required: {
      template_id: stringField('The ID of the template.'),
      template_version_id: stringField('The ID of the version.'),
    },
    optional: {},
    async call({ template_id, template_version_id }, { userConnection }) {
      await userConnection().client.call(promoteTemplateVersion, {
        params: { template: template_id },
        body: { id: template_version_id },
      })
      return 'The version is now active.'
    },
  }),
  tool({
    name: 'coder_create_template',
    description: 'Creates a template from a successfully imported version.',
    required: {
      name: stringField('At most 32 letters, digits and single hyphens.'),
      version_id: stringField('The ID of the version.'),
    },
    optional: {
      display_name: stringField('The display name.'),
      description: stringField('The description, shorter than 128 characters.'),
      icon: stringField('The URL of the icon.'),
    },
    async call({ name, version_id, display_name, description, icon }, { userConnection }) {
      const { client } = userConnection()
      const { id: organization } = await requireOrganization(client)
      const template = await client.call(createTemplate, {
        params: { organization },
        body: {
          name,
          template_version_id: version_id,
          ...(display_name && { display_name }),
          ...(description && { description }),
          ...(icon && { icon }),
        },
      })
      return { id: template.id, name: template.name }
    },
  }),
  tool({
    name: 'coder_delete_template',
    description: 'Deletes a template that no workspace uses.',
    required: { template_id: stringField('The ID of the template.') },
    optional: {},
    async call({ template_id }, { userConnection }) {
      await userConnection().client.call(deleteTemplate, { params: { template: template_id } })
      return 'The template was deleted.'
    },
  }),
] as const
