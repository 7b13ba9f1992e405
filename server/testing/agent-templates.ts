// Templates with an agent that the test starts itself, with startAgent of server/agents/testing/terminal-harness.ts:
// the agent's resource starts nothing.

interface Parts {
  /** Arguments of the agent. */
  readonly inAgent?: string
  /** Additional blocks. */
  readonly more?: string
}

/** main.tf with the agent `main`. */
export const templateWithAgent = ({ inAgent = '', more = '' }: Parts = {}): string => `
  resource "coder_agent" "main" {
    os   = "linux"
    arch = "amd64"
    dir  = "/tmp"
    ${inAgent}
  }
  resource "terraform_data" "machine" {
    input = coder_agent.main.token
  }
  ${more}`

/** The block of an app of the agent `main`. */
export const appBlock = (slug: string, url: string, { isExternal = false } = {}): string => `
  resource "coder_app" "${slug}" {
    agent_id = coder_agent.main.id
    slug     = "${slug}"
    url      = "${url}"
    external = ${isExternal}
  }`

/** main.tf for tasks, with the app `tool` at a local port; the agent receives the prompt. */
export const templateForTasks = (port: number): string =>
  templateWithAgent({
    inAgent: 'env = { PROMPT = data.coder_task.me.prompt }',
    more: `
  data "coder_task" "me" {}
  ${appBlock('tool', `http://127.0.0.1:${port}`)}
  resource "coder_ai_task" "task" {
    app_id = coder_app.tool.id
  }`,
  })
