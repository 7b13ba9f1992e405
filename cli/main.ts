// The `coder` command. The rest is loaded from here, so that Node takes it compiled from the cache which the build has this
// file open; what a file imports by itself is compiled before any of it runs.

await import('./run.ts')
