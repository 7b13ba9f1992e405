// Which addresses the window may show itself, and which are handed to the person's browser. Everything else is refused.

/** `http://127.0.0.1:3000` for anything below it; null for what is not an http(s) address. */
export function webOrigin(text: string): string | null {
  try {
    const { protocol, origin } = new URL(text)
    return protocol === 'http:' || protocol === 'https:' ? origin : null
  } catch {
    return null // not an address at all
  }
}

/** Links that may leave the shell: a web page, nothing that starts a program. */
export const mayOpenOutside = (url: unknown): url is string => typeof url === 'string' && webOrigin(url) !== null
