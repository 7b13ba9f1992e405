// The commands about a template in a folder of this computer: they need no deployment.

import type { Command } from 'commander'
import { lazily } from './options.ts'

export function addTemplateTools(templates: Command): void {
  templates
    .command('validate [folder]')
    .description('check the template in a folder, without values and without a deployment')
    .option('--json', 'as `tofu validate -json` writes it')
    .action(lazily(async () => (await import('../commands/templates-validate.ts')).validate))
}
