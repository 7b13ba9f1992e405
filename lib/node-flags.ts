// Flags of Node.js for the programs of a deployment.

/** For coderd. By default the young generation grows to 134 MB under load and stays that large. */
export const coderdNodeFlags = ['--max-semi-space-size=4'] as const
