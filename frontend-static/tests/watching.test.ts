// @vitest-environment node
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type ViteDevServer } from 'vite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import config from '../vite.config';

const ROUNDS = 10;
const LOOKS = { timeout: 5_000, interval: 5 };

let folder: string;
let server: ViteDevServer;

const save = (text: string) => writeFile(join(folder, 'a.ts'), `export const saved = '${text}';\n`);
const isServed = async (text: string) => expect((await server.transformRequest('/a.ts'))?.code).toContain(text);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watching-'));
  await save('at first');
  server = await createServer({
    configFile: false,
    root: folder,
    logLevel: 'error',
    server: { middlewareMode: true, ws: false, watch: config.server?.watch },
  });
  await isServed('at first');
  let tries = 0;
  // Saves before the watcher is ready are ignored.
  await vi.waitFor(
    async () => {
      tries += 1;
      await save(`try ${tries}`);
      await vi.waitFor(() => isServed(`try ${tries}`), { timeout: 300, interval: 5 });
    },
    { timeout: 10_000 },
  );
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

test('the server serves each of two quick saves of a file', { timeout: 60_000 }, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const which of ['first', 'second']) {
      await save(`${which} of ${round}`);
      await vi.waitFor(() => isServed(`${which} of ${round}`), LOOKS);
    }
  }
});
