// Tools about templates: finding and making them, and what their versions ask for.

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
    description: 'Lists the templates that workspaces can be made from, with the ids of their active versions.',
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
    description: 'Tells what a version of a template asks for: names, types, choices, defaults and what is required.',
    required: { template_version_id: stringField('The id of the version.') },
    optional: { rich_parameters: stringMapField('Answers so far, by name: what is asked may depend on them.') },
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
    description: 'Gives what the import of a version of a template said.',
    required: { template_version_id: stringField('The id of the version.') },
    optional: {},
    async call({ template_version_id }, { userConnection }) {
      const params = { templateversion: template_version_id }
      return formatJobLog(await userConnection().client.call(getTemplateVersionLogs, { params }))
    },
  }),
  tool({
    name: 'coder_upload_tar_file',
    description:
      'Uploads the files of a template, to be named by coder_create_template_version. A template is Terraform with the provider coder/coder; a file main.tf is usual.',
    required: { files: stringMapField('The texts of the files, by path.') },
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
      'Imports uploaded files as a version of a template, or for a template that is yet to be made. Look at coder_get_template_version_logs for how the import goes.',
    required: { file_id: stringField('What coder_upload_tar_file gave.') },
    optional: { template_id: stringField('The template that it is to be a version of.') },
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
    description: 'Makes a version the one that new workspaces of its template are made from.',
    required: {
      template_id: stringField('The id of the template.'),
      template_version_id: stringField('The id of the version.'),
    },
    optional: {},
    async call({ template_id, template_version_id }, { userConnection }) {
      await userConnection().client.call(promoteTemplateVersion, {
        params: { template: template_id },
        body: { id: template_version_id },
      })
      return 'The version is the active one.'
    },
  }),
  tool({
    name: 'coder_create_template',
    description: 'Makes a template of a version whose import has succeeded.',
    required: {
      name: stringField('Letters, digits and single hyphens, at most 32.'),
      version_id: stringField('The id of the version.'),
    },
    optional: {
      display_name: stringField('The name that people read.'),
      description: stringField('What it is for, in fewer than 128 letters.'),
      icon: stringField('The address of its picture.'),
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
    description: 'Deletes a template that no workspace is made from.',
    required: { template_id: stringField('The id of the template.') },
    optional: {},
    async call({ template_id }, { userConnection }) {
      await userConnection().client.call(deleteTemplate, { params: { template: template_id } })
      return 'The template is deleted.'
    },
  }),
] as const
