/**
 * Chokidar, which Vite watches files with, drops a change that comes within 50 ms after another one of the same file: the
 * second of two quick saves would not be shown. Where it waits for the end of writing, it drops none: a change meanwhile
 * only prolongs the wait.
 */
export const WATCHING = { awaitWriteFinish: { stabilityThreshold: 20, pollInterval: 10 } };
