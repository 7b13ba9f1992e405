// Keys of all advisory locks. They share one namespace per database: two uses of a key would block each other.

export const advisoryLocks = {
  /** Held while migrations run. */
  migrations: 7_236_017,
  /** Held by the coderd that supervises the bundled PostgreSQL, until that process exits. */
  supervisor: 7_236_018,
  /** Held while the first user is created. */
  firstUser: 7_236_019,
  /** Held while the starter templates are imported. */
  starterTemplates: 7_236_020,
  /** Held while workspaces are started, stopped and deleted according to their schedules. */
  autobuild: 7_236_021,
  /** Held while expired data is deleted. */
  purge: 7_236_041,
  /** Held while inactive users are marked dormant. */
  dormantUsers: 7_236_060,
  /** Held while agent statistics are aggregated. */
  usage: 7_236_040,
  /** Held while the report of failed builds is sent. */
  failedBuildsReport: 7_236_070,
} as const
