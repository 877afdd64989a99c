/**
 * Chokidar, Vite's file watcher, drops a change within 50 ms after another one of the same file: the second of two
 * quick saves would not be shown. With its "await write finish" option it drops none: a change meanwhile only prolongs
 * the wait.
 */
export const WATCHING = { awaitWriteFinish: { stabilityThreshold: 20, pollInterval: 10 } };
