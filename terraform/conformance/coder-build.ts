// A fictitious build as input for the real `coder` provider and ours.

import { createHash } from 'node:crypto'
import { coderContext } from '../testing/build-fixture.ts'

const parameterValues: Readonly<Record<string, string>> = { given: 'from the build' }

export const coderBuild = coderContext({
  parameters: parameterValues,
  agentInitScript: (os, arch) => `start on ${os} ${arch}`,
})

const { workspace, owner, template } = coderBuild

export const coderEnvironment: Readonly<Record<string, string>> = {
  CODER_AGENT_URL: coderBuild.accessUrl,
  CODER_WORKSPACE_TRANSITION: coderBuild.transition,
  CODER_WORKSPACE_ID: workspace.id,
  CODER_WORKSPACE_NAME: workspace.name,
  CODER_WORKSPACE_BUILD_ID: coderBuild.buildId,
  CODER_WORKSPACE_OWNER: owner.name,
  CODER_WORKSPACE_OWNER_ID: owner.id,
  CODER_WORKSPACE_OWNER_NAME: owner.fullName,
  CODER_WORKSPACE_OWNER_EMAIL: owner.email,
  CODER_WORKSPACE_OWNER_GROUPS: JSON.stringify(owner.groups),
  CODER_WORKSPACE_OWNER_SESSION_TOKEN: owner.sessionToken,
  CODER_WORKSPACE_OWNER_SSH_PUBLIC_KEY: owner.sshPublicKey,
  CODER_WORKSPACE_OWNER_SSH_PRIVATE_KEY: owner.sshPrivateKey,
  CODER_WORKSPACE_OWNER_LOGIN_TYPE: owner.loginType,
  CODER_WORKSPACE_OWNER_RBAC_ROLES: JSON.stringify(owner.rbacRoles),
  CODER_WORKSPACE_TEMPLATE_ID: template.id,
  CODER_WORKSPACE_TEMPLATE_NAME: template.name,
  CODER_WORKSPACE_TEMPLATE_VERSION: template.version,
  CODER_AGENT_SCRIPT_linux_amd64: 'start on linux amd64',
  CODER_AGENT_SCRIPT_linux_arm64: 'start on linux arm64',
  ...Object.fromEntries(
    Object.entries(parameterValues).map(([name, value]) => [
      `CODER_PARAMETER_${createHash('sha256').update(name).digest('hex')}`,
      value,
    ]),
  ),
}
