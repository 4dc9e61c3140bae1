import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { '@billing/shared': fileURLToPath(new URL('./src/app/shared/index.ts', import.meta.url)) } },
  test: { environment: 'node', include: ['tests/**/*.test.{ts,tsx}'], restoreMocks: true, testTimeout: 15_000 },
});
