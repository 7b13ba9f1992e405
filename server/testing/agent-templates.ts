// Templates with an agent. Their resources start no process: the test starts the agent itself, with startAgent of
// server/agents/testing/terminal-harness.ts.

interface TemplateParts {
  /** Additional arguments of the agent. */
  readonly agentArguments?: string
  /** Additional blocks. */
  readonly blocks?: string
}

/** main.tf with the agent `main`. */
export const templateWithAgent = ({ agentArguments = '', blocks = '' }: TemplateParts = {}): string => `
  resource "coder_agent" "main" {
    os   = "linux"
    arch = "amd64"
    dir  = "/tmp"
    ${agentArguments}
  }
  resource "terraform_data" "machine" {
    input = coder_agent.main.token
  }
  ${blocks}`

/** An app of the agent `main`. */
export const appBlock = (slug: string, url: string, { isExternal = false } = {}): string => `
  resource "coder_app" "${slug}" {
    agent_id = coder_agent.main.id
    slug     = "${slug}"
    url      = "${url}"
    external = ${isExternal}
  }`

/** main.tf for tasks. The app `tool` listens on a local port, and the agent receives the prompt. */
export const templateForTasks = (port: number): string =>
  templateWithAgent({
    agentArguments: 'env = { PROMPT = data.coder_task.me.prompt }',
    blocks: `
  data "coder_task" "me" {}
  ${appBlock('tool', `http://127.0.0.1:${port}`)}
  resource "coder_ai_task" "task" {
    app_id = coder_app.tool.id
  }`,
  })
