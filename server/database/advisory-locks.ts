// The advisory locks of a database, in one place: their keys share one space, and two that collide wait for each other
// for ever.

export const advisoryLocks = {
  /** Held while migrations run. */
  migrations: 7_236_017,
  /** Held by the coderd that supervises the bundled PostgreSQL, for as long as it lives. */
  supervisor: 7_236_018,
  /** Held while the first user is made. */
  firstUser: 7_236_019,
  /** Held while the templates that come with the program are imported. */
  starterTemplates: 7_236_020,
  /** Held while workspaces are started, stopped and deleted by their schedules. */
  autobuild: 7_236_021,
  /** Held while what nobody reads any more is taken away. */
  purge: 7_236_041,
  /** Held while users whom nobody has seen for long are marked dormant. */
  dormantUsers: 7_236_060,
  /** Held while reports of agents are summed up. */
  usage: 7_236_040,
  /** Held while failed builds are reported. */
  failedBuildsReport: 7_236_070,
} as const
