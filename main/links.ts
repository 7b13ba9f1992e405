// Addresses that the window may show, and those that open in the default browser. All others are refused.

/** The origin of an http(s) address, such as `http://127.0.0.1:3000`; null for any other text. */
export function webOrigin(text: string): string | null {
  try {
    const { protocol, origin } = new URL(text)
    return protocol === 'http:' || protocol === 'https:' ? origin : null
  } catch {
    return null // not an address
  }
}

/** Whether a link may open outside the shell: web pages only, since other schemes can start programs. */
export const mayOpenOutside = (url: unknown): url is string => typeof url === 'string' && webOrigin(url) !== null
