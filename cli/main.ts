// Entry point of `coder`. Loads the rest with a dynamic import, because static imports are compiled before this file, whose
// bundle enables Node's compile cache, runs.

await import('./run.ts')
