// Limits on what a template can compute.

/** The remaining budget of one plan or apply. All its evaluations share it, so no template can run forever. */
export interface Limits {
  steps: number
}

// About half a second of pure evaluation; the largest public templates need a few thousand steps.
const maxSteps = 1_000_000

export const freshLimits = (): Limits => ({ steps: maxSteps })

// Maximum serialized size of a value: shared parts make large values cheap to build but not to print.
export const maxValueSize = 1_000_000

// The same for one string, in UTF-16 code units.
export const maxTextLength = 16 * 1024 * 1024
