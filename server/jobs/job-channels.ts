// NOTIFY channels of the job queue.

/** A job was queued; no payload. */
export const jobPosted = 'provisioner_job_posted'
/** A running job is to be canceled; the payload is its id. */
export const jobCanceled = 'provisioner_job_canceled'
/** The job has new log lines or has ended. */
export const jobChanged = (jobId: string): string => `provisioner_job:${jobId}`
