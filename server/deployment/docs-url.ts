// Where what is compatible with Coder is described.

export const docsUrl = 'https://coder.com/docs'
