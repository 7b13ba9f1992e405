// Addresses that the window may show, and those that open in the default browser. All others are refused.

/** The origin of an http(s) address, such as `http://127.0.0.1:3000`; null for any other text. */
export function webOrigin(text: string): string | null {
  try {
    const { protocol, origin } = new URL(text)
    return protocol === 'http:' || protocol === 'https:' ? origin : null
  } catch {
    return null // Not an address.
  }
}

/** Allows only web pages in the default browser, because other schemes can start programs. */
export const mayOpenExternally = (url: unknown): url is string => typeof url === 'string' && webOrigin(url) !== null
