import { defineConfig } from 'eslint/config';
import baseConfig from './.config/eslint.config.mjs';

export default defineConfig([
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '**/build/',
      '.config/',
      'test-results/',
      'playwright-report/',
      '**/coverage/',
      'jest.config.js',
      'jest-setup.js',
      '.prettierrc.js',
    ],
  },
  ...baseConfig,
  {
    // Deprecated API of Grafana's packages goes away with some later Grafana, which the range of plugin.json includes.
    files: ['src/**/*.{ts,tsx}'],
    rules: { '@typescript-eslint/no-deprecated': 'error' },
  },
  {
    files: ['packages/**/*.{ts,mjs}', 'scripts/**/*.mjs', 'e2e/**/*.ts'],
    rules: {
      'react-hooks/rules-of-hooks': 'off',
      // A zod schema and its inferred type bear one name: TypeScript keeps them apart, this rule does not.
      'no-redeclare': 'off',
    },
  },
]);
