import { defineConfig } from 'vitest/config';

const suite = (name: string, hangMs: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    // Deadlines for hangs, not for speed: generous on two loaded cores.
    testTimeout: hangMs,
    hookTimeout: hangMs,
  },
});

export default defineConfig({
  test: {
    projects: [suite('unit', 30_000), suite('integration', 120_000), suite('e2e', 180_000)],
    maxWorkers: 2,
  },
});
