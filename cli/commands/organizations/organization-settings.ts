// `coder organizations settings`: shows and sets settings of an organization as JSON.

import { readFileSync } from 'node:fs'
import type { Client } from '../../../api/client.ts'
import {
  getGroupSync,
  getOrganizationSync,
  getRoleSync,
  getWorkspaceSharing,
  updateGroupSync,
  updateOrganizationSync,
  updateRoleSync,
  updateWorkspaceSharing,
} from '../../../api/organizations/organization-settings.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireOrganization } from '../../lookup/find-organization.ts'
import { CommandError } from '../../output/errors.ts'
import { printJson } from '../../output/print.ts'

interface Setting {
  read(client: Client, organization: string): Promise<unknown>
  /** @param body replaces the whole setting */
  write(client: Client, organization: string, body: never): Promise<unknown>
}

export const organizationSettings = {
  'group-sync': {
    read: (client, organization) => client.call(getGroupSync, { params: { organization } }),
    write: (client, organization, body) => client.call(updateGroupSync, { params: { organization }, body }),
  },
  'organization-sync': {
    read: (client) => client.call(getOrganizationSync),
    write: (client, _organization, body) => client.call(updateOrganizationSync, { body } as never),
  },
  'role-sync': {
    read: (client, organization) => client.call(getRoleSync, { params: { organization } }),
    write: (client, organization, body) => client.call(updateRoleSync, { params: { organization }, body }),
  },
  'workspace-sharing': {
    read: (client, organization) => client.call(getWorkspaceSharing, { params: { organization } }),
    write: (client, organization, body) => client.call(updateWorkspaceSharing, { params: { organization }, body }),
  },
} as const satisfies Readonly<Record<string, Setting>>

export type SettingName = keyof typeof organizationSettings

type InOrganization = GlobalOptions & { readonly org?: string }

export const showSetting = (name: SettingName) => async (_args: readonly string[], options: InOrganization) => {
  const { client } = await connect(options)
  const { id } = await requireOrganization(client, options.org)
  printJson(await organizationSettings[name].read(client, id))
}

/** Reads the new value from stdin. */
export const setSetting = (name: SettingName) => async (_args: readonly string[], options: InOrganization) => {
  const body = readSetting()
  const { client } = await connect(options)
  const { id } = await requireOrganization(client, options.org)
  printJson(await organizationSettings[name].write(client, id, body as never))
}

function readSetting(): unknown {
  try {
    return JSON.parse(readFileSync(0, 'utf8'))
  } catch (error) {
    throw new CommandError('The input on stdin is not valid JSON.', { detail: (error as Error).message })
  }
}
