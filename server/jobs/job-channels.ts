// NOTIFY channels of the job queue.

/** A new job in the queue; no payload. */
export const jobPosted = 'provisioner_job_posted'
/** Cancellation of a running job; the payload is its ID. */
export const jobCanceled = 'provisioner_job_canceled'
/** New log lines or the completion of a job; no payload. */
export const jobChanged = (jobId: string): string => `provisioner_job:${jobId}`
