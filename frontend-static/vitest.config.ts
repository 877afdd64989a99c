import { defineConfig, mergeConfig } from 'vitest/config';
import site from './vite.config';

/** Apart: a network is built and run without the tests' packages. */
export default mergeConfig(
  site,
  defineConfig({ test: { environment: 'happy-dom', include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'] } }),
);
