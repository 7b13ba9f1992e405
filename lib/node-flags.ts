// Flags of Node.js for the programs of a deployment.

/** For coderd. By default, the young generation grows to 134 MB under load and stays that large, and the old generation
 *  grows to twice its live objects before it is collected. */
export const coderdNodeFlags = ['--max-semi-space-size=4', '--heap-growing-percent=20'] as const
