// The commands about tasks for AI tools.

import { type Command, Option } from 'commander'
import { lazily, organizationOption, withListOptions, yesOption } from './options.ts'

const load = () => import('../commands/tasks/tasks.ts')

export function addTaskCommands(program: Command): void {
  const tasks = program.command('task').alias('tasks').description('work for the AI tools of templates')
  tasks
    .command('create [input]')
    .description('give an AI tool something to do; read from stdin when left out')
    .option('--name <name>', 'name of the task; made up when left out')
    .option('--owner <user>', 'whose task', 'me')
    .addOption(new Option('--template <template>', 'template with the tool').env('CODER_TASK_TEMPLATE_NAME'))
    .addOption(new Option('--template-version <name>', 'version of it').env('CODER_TASK_TEMPLATE_VERSION'))
    .addOption(new Option('--preset <name>', 'preset of it').default('none').env('CODER_TASK_PRESET_NAME'))
    .addOption(new Option('--stdin', 'read it from stdin'))
    .option('-q, --quiet', 'print its id alone')
    .addOption(organizationOption())
    .action(lazily(async () => (await load()).createTaskCommand))
  withListOptions(tasks.command('list').alias('ls').description('list tasks'), 'tasks')
    .option('-a, --all', 'those of everybody')
    .option('--user <user>', 'those of this user')
    .addOption(
      new Option('--status <status>', 'only those').choices([
        'pending',
        'initializing',
        'active',
        'paused',
        'error',
        'unknown',
      ]),
    )
    .option('-q, --quiet', 'print their ids alone')
    .action(lazily(async () => (await load()).listTasksCommand))
  withListOptions(tasks.command('status <task>').alias('stat').description('how a task is'), 'task')
    .option('--watch', 'until it is done')
    .addOption(new Option('--watch-interval <duration>', 'how often to look').default('1s').hideHelp())
    .action(lazily(async () => (await load()).showTask))
  withListOptions(tasks.command('logs <task>').description('what was said'), 'taskLogs').action(
    lazily(async () => (await load()).showTaskLogs),
  )
  tasks
    .command('send <task> [input]')
    .description('say something to the tool; read from stdin when left out')
    .addOption(new Option('--stdin', 'read it from stdin'))
    .action(lazily(async () => (await load()).send))
  tasks
    .command('pause <task>')
    .description("stop a task's workspace")
    .action(lazily(async () => (await load()).pause))
  tasks
    .command('resume <task>')
    .description("start a task's workspace again")
    .action(lazily(async () => (await load()).resume))
  tasks
    .command('delete <tasks...>')
    .alias('rm')
    .description('delete tasks with their workspaces')
    .addOption(yesOption())
    .action(lazily(async () => (await load()).removeTasks))
}
