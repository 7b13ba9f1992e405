// The clipboard of a page. Needs the permissions `clipboard-read` and `clipboard-write`.

import type { Page } from '@playwright/test'

export const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText())

/** Puts text on the clipboard without the terminal. */
export const copyFromElsewhere = (page: Page, text: string): Promise<void> =>
  page.evaluate((copied) => navigator.clipboard.writeText(copied), text)
