// The URL of an external app as it may be opened on this computer. Its template's author chose it, not the user.

import { CommandError } from '../output/errors.ts'

const tokenPlaceholder = '$SESSION_TOKEN'

// The browser sends the deployment's own cookies; a web page gets no token.
const webSchemes = new Set(['http:', 'https:'])

/** Schemes of editors: the same list as in Coder's dashboard. Other schemes may start any program. */
const editorSchemes = new Set([
  'vscode:',
  'vscode-insiders:',
  'windsurf:',
  'cursor:',
  'jetbrains-gateway:',
  'jetbrains:',
  'kiro:',
  'positron:',
  'antigravity:',
])

/**
 * Replaces the placeholder for a session token in the URL of an editor.
 * @param createToken called only if the URL gets a token
 * @throws CommandError if the URL is invalid or its scheme is not allowed
 */
export async function resolveExternalAppUrl(
  slug: string,
  text: string,
  createToken: () => Promise<string>,
): Promise<string> {
  const url = URL.parse(text)
  if (!url) throw new CommandError(`App ${slug} has an invalid URL.`, { hint: 'correct the app in the template.' })
  if (webSchemes.has(url.protocol)) return url.href
  if (!editorSchemes.has(url.protocol))
    throw new CommandError(`Could not open app ${slug}: the scheme ${url.protocol} may start any program.`, {
      detail: `URL: ${url.href}`,
      hint: 'if you trust the template, open the URL yourself.',
    })
  if (!text.includes(tokenPlaceholder)) return url.href
  return new URL(text.replaceAll(tokenPlaceholder, await createToken())).href
}
