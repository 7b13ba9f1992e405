// URL of Coder's documentation for the compatible version.

import { coderVersion } from '../../lib/version.ts'

export const docsUrl = `https://coder.com/docs/@${coderVersion}`
