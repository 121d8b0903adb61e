// Dates in tests read the same everywhere.
process.env.TZ = 'UTC';

const base = require('./.config/jest.config');
const [swc, options] = base.transform['^.+\\.(t|j)sx?$'];

module.exports = {
  ...base,
  // Grafana's packages and ours are ESM here and there: everything is transformed, .mjs too.
  transform: { '^.+\\.[cm]?[tj]sx?$': [swc, options] },
  // Old releases of Grafana's packages are unpacked below build/: they are not the ones to test with.
  modulePathIgnorePatterns: ['<rootDir>/build/', '<rootDir>/compat/', '<rootDir>/dist/'],
  transformIgnorePatterns: [],
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '\\.md$': '<rootDir>/src/test/markdownModule.ts',
    // webpack's require.context is not Node's.
    '/bundledRunbooks$': '<rootDir>/src/test/bundledRunbooks.ts',
  },
  // Only a hanging test is to fail by time: on a busy machine a page with many controls takes seconds to click through.
  testTimeout: 30_000,
  setupFiles: ['<rootDir>/src/test/polyfills.ts'],
};
