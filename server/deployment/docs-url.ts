// Where what is compatible with Coder is described, in the words of its version.

import { coderVersion } from '../../lib/version.ts'

export const docsUrl = `https://coder.com/docs/@${coderVersion}`
