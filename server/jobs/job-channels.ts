// The notifications around jobs: that one waits, that one is to end early, that one has logged or ended.

/** A job waits; no payload. */
export const jobPosted = 'provisioner_job_posted'
/** Somebody asked a running job to end early; the payload is its id. */
export const jobCanceled = 'provisioner_job_canceled'
/** The job has new log lines or has ended. */
export const jobChanged = (jobId: string): string => `provisioner_job:${jobId}`
