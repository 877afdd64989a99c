import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { steadyFonts } from './fonts';
import { appIcons } from './icons';
import { WATCHING } from './watching';

/** `npm run dev` serves the sources and sends everything else to a running local edge (see kit/settings.py). */
const offset = Number(globalThis.process?.env.ASYNCSNS_PORT_OFFSET ?? 0);
const edge = `http://localhost:${8080 + offset}`;

export default defineConfig({
  plugins: [preact(), appIcons(), steadyFonts()],
  build: {
    target: 'es2022',
    // The baseline with light-dark(), nesting and dvh: for older browsers the build would rewrite them.
    cssTarget: ['chrome123', 'safari17.5', 'firefox121'],
    sourcemap: false,
    chunkSizeWarningLimit: 400,
  },
  server: {
    host: '127.0.0.1',
    port: 5173 + offset,
    watch: WATCHING,
    proxy: { '/v1': edge, '/v2': edge, '/media': edge, '/config.json': edge },
  },
});
