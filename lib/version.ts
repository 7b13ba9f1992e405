// Our version, and the Coder version whose contract we implement.

export const version = '0.1.0'
/** Official clients gate features on this: it must be semver. */
export const coderVersion = 'v2.30.0'

/** Both in one line, for users. */
export const versionLine = `Coder Local ${version}, compatible with Coder ${coderVersion}`
