// Compares the bundle's sources with the Grafana releases of compat/releases.json: the oldest that plugin.json allows, and the last one
// with React 18. `types` type-checks against them, `levitate` has @grafana/levitate compare the oldest.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompatProblem, unpackRelease } from './compatReleases.mjs';
import { levitateFindings } from './levitateFindings.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const compat = join(root, 'compat');
const work = join(root, 'build', 'compat');
const releases = JSON.parse(readFileSync(join(compat, 'releases.json'), 'utf8'));

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  return { code: done.status ?? 1, output: `${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}` };
}

function checkTypes() {
  let failed = 0;
  for (const [release, packages] of Object.entries(releases)) {
    const folder = join(work, release);
    unpackRelease(packages, folder);
    const options = ['--pretty', 'false', '--incremental', '--tsBuildInfoFile', join(folder, 'tsbuildinfo')];
    const { code, output } = run('npx', ['--no-install', 'tsc', '--project', writeTypesConfig(folder), ...options]);
    console.log(
      `Grafana ${release}, React 18: src/ ${code === 0 ? 'type-checks' : `does not type-check\n${output.trim()}`}`
    );
    failed += code === 0 ? 0 : 1;
  }
  if (failed > 0) {
    throw new CompatProblem(
      'the bundle uses what an older Grafana of its range lacks',
      'Do without it, look for it before it is used, or raise grafanaDependency in every plugin.json.'
    );
  }
}

/** The project's own configuration, with the release's packages in the place of the installed ones. */
function writeTypesConfig(folder) {
  const library = (name, at = name) => [
    [name, [join(folder, 'node_modules', at)]],
    [`${name}/*`, [join(folder, 'node_modules', at, '*')]],
  ];
  const grafana = ['data', 'i18n', 'runtime', 'schema', 'ui'].flatMap((name) => library(`@grafana/${name}`));
  const react = [...library('react', '@types/react'), ...library('react-dom', '@types/react-dom')];
  // What is shipped: tests run with the packages that are installed.
  const tests = ['src/**/*.test.ts', 'src/**/*.test.tsx', 'src/test', '.config/types/setupTests.d.ts'];
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: root,
      baseUrl: join(root, 'src'),
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node'],
      paths: Object.fromEntries([...grafana, ...react]),
    },
    include: [join(root, 'src'), join(root, '.config/types')],
    exclude: tests.map((path) => join(root, path)),
  };
  const file = join(folder, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(config, null, 2));
  return file;
}

function checkWithLevitate() {
  installLevitate();
  mkdirSync(join(work, 'levitate'), { recursive: true });
  const [oldest] = Object.keys(releases);
  const target = ['data', 'ui', 'runtime'].map((name) => `@grafana/${name}@${oldest}`);
  const levitate = join(compat, 'node_modules/@grafana/levitate/dist/bin.js');
  const report = run('node', [levitate, 'is-compatible', '--path', writeEntry(), '--target', target.join(',')], {
    // There it looks for .levignore.js, and in TMPDIR it keeps the packages that it has fetched.
    cwd: compat,
    env: { ...process.env, TMPDIR: join(work, 'levitate'), LEVITATE_CACHE: 'true', FORCE_COLOR: '0' },
  });
  const findings = levitateFindings({ ...report, target });
  if (findings.length > 0) {
    console.log(report.output.trim());
    throw new CompatProblem(
      `levitate, on Grafana ${oldest}: ${findings.join('; ')}`,
      'Its report is above. Where what changed does not touch us, say why in compat/.levignore.js.'
    );
  }
  console.log(`levitate: compatible with ${target.join(', ')}`);
}

/** As locked in compat/, apart from the other packages: nobody who only starts the project waits for it. */
function installLevitate() {
  const lock = createHash('sha256')
    .update(readFileSync(join(compat, 'package-lock.json')))
    .digest('hex');
  const stamp = join(compat, 'node_modules/.lock-hash');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) {
    return;
  }
  const installed = run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: compat });
  if (installed.code !== 0) {
    throw new CompatProblem(
      `@grafana/levitate could not be installed: ${installed.output.trim()}`,
      'Check that npm reaches its registry.'
    );
  }
  writeFileSync(stamp, lock);
}

/** levitate follows the imports of one file: this one imports the module of each plugin. */
function writeEntry() {
  const entry = join(work, 'everyModule.ts');
  const modules = globSync('src/**/module.{ts,tsx}', { cwd: root }).sort();
  writeFileSync(entry, modules.map((file) => `import '../../${file.replace(/\.tsx?$/, '')}';\n`).join(''));
  return entry;
}

const checks = { types: checkTypes, levitate: checkWithLevitate };
const check = checks[process.argv[2]];
try {
  if (!check) {
    throw new CompatProblem(
      `there is no check "${process.argv[2] ?? ''}"`,
      `Use: node scripts/compat.mjs ${Object.keys(checks).join(' | ')}`
    );
  }
  mkdirSync(work, { recursive: true });
  check();
} catch (error) {
  if (!(error instanceof CompatProblem)) {
    throw error;
  }
  console.error(`✗ compat: ${error.message}.\n  ${error.remedy}`);
  process.exitCode = 1;
}
