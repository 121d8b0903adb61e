import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { checkBundle } from './checkBundle.ts';
import { readBundle } from './readBundle.ts';
import { type TestBundle, makeTestBundle } from './testBundle.ts';

let bundle: TestBundle;
beforeEach(() => {
  bundle = makeTestBundle();
});
afterEach(() => bundle.remove());

const found = () =>
  checkBundle(readBundle(bundle.dist), { version: '1.2.3' }).map(({ file, cause }) => `${file}: ${cause}`);

test('a bundle that is right has no findings', () => {
  assert.deepEqual(found(), []);
});

type Break = [name: string, breakIt: (bundle: TestBundle) => void, expected: RegExp];
const svg = (inside: string, box = '0 0 9 9') =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}">${inside}</svg>`;
const source = (text: string, name = 'webpack://test/./module.tsx') =>
  JSON.stringify({ version: 3, sources: [name], sourcesContent: [text], mappings: '' });

const breaks: Break[] = [
  [
    'an unknown field',
    (b) => b.edit('plugin.json', (j) => (j.autoEnable = true)),
    /^plugin\.json: its root: .*autoEnable/,
  ],
  [
    'a backend',
    (b) => b.edit('datasource/plugin.json', (j) => (j.backend = true)),
    /^datasource\/plugin\.json: backend:/,
  ],
  ['a date in words', (b) => b.edit('plugin.json', (j) => (j.info.updated = 'today')), /info\.updated/],
  ['no keywords', (b) => b.edit('plugin.json', (j) => (j.info.keywords = [])), /info\.keywords/],
  ['no author', (b) => b.edit('plugin.json', (j) => delete j.info.author), /info\.author/],
  ['no links', (b) => b.edit('plugin.json', (j) => (j.info.links = [])), /info\.links/],
  [
    'a role that Grafana lacks',
    (b) => b.edit('plugin.json', (j) => (j.includes[0].role = 'Operator')),
    /includes\.0\.role/,
  ],
  ['a page without a role', (b) => b.edit('plugin.json', (j) => delete j.includes[0].role), /includes\.0\.role/],
  [
    'a logo by "./"',
    (b) => b.edit('plugin.json', (j) => (j.info.logos.small = './img/logo.svg')),
    /info\.logos\.small: must be a path/,
  ],
  [
    'an id of the wrong type',
    (b) => b.edit('plugin.json', (j) => (j.id = 'test-ops-panel')),
    /does not end in its type app/,
  ],
  ['a name that is the id', (b) => b.edit('plugin.json', (j) => (j.name = j.id)), /its name is its id/],
  [
    'an id twice',
    (b) => b.edit('datasource/plugin.json', (j) => (j.id = 'test-ops-app')),
    /another plugin .* has the id test-ops-app too/,
  ],
  [
    'another version',
    (b) => b.edit('datasource/plugin.json', (j) => (j.info.version = '1.2.4')),
    /^datasource\/plugin\.json: its version is 1\.2\.4, that of package\.json 1\.2\.3/,
  ],
  [
    'a version that is none',
    (b) => b.edit('plugin.json', (j) => (j.info.version = 'v1')),
    /info\.version: must be a semantic version/,
  ],
  [
    'two dates',
    (b) => b.edit('datasource/plugin.json', (j) => (j.info.updated = '2026-01-03')),
    /it is dated 2026-01-03, the app 2026-01-02/,
  ],
  [
    'a development build',
    (b) => b.edit('plugin.json', (j) => (j.buildMode = 'development')),
    /comes from a development build/,
  ],
  ['no range', (b) => b.edit('plugin.json', (j) => (j.dependencies.grafanaDependency = 'new')), /"new" is no range/],
  [
    'two ranges',
    (b) => b.edit('datasource/plugin.json', (j) => (j.dependencies.grafanaDependency = '>=12.4.0')),
    /wants Grafana >=12\.4\.0, the app >=12\.3\.0/,
  ],
  [
    'a range that ends',
    (b) => b.edit('plugin.json', (j) => (j.dependencies.grafanaDependency = '12.3.x')),
    /wants Grafana 12\.3\.x, but 12\.3\.0 and later/,
  ],
  [
    'a nested plugin that is not included',
    (b) => b.edit('plugin.json', (j) => j.includes.pop()),
    /datasource\/plugin\.json is not among its includes/,
  ],
  [
    'an include of the wrong type',
    (b) => b.edit('plugin.json', (j) => (j.includes[3].type = 'panel')),
    /as panel, which is a datasource/,
  ],
  [
    'an include that is not there',
    (b) => b.edit('plugin.json', (j) => (j.includes[3].path = 'panel/plugin.json')),
    /includes panel\/plugin\.json, which is not in the bundle/,
  ],
  [
    'a page of another app',
    (b) => b.edit('plugin.json', (j) => (j.includes[0].path = '/a/other-app/x')),
    /its page \/a\/other-app\/x is not below/,
  ],
  ['a page twice', (b) => b.edit('plugin.json', (j) => (j.includes[1].path = j.includes[0].path)), /is included twice/],
  [
    'no page to begin with',
    (b) => b.edit('plugin.json', (j) => delete j.includes[0].defaultNav),
    /0 of its includes have "defaultNav": true/,
  ],
  [
    'a dashboard of another uid',
    (b) => b.edit('plugin.json', (j) => (j.includes[2].uid = 'x')),
    /^dashboards\/overview\.json: its uid is overview, plugin\.json says x/,
  ],
  [
    'a dashboard that is not there',
    (b) => rmSync(join(b.dist, 'dashboards'), { recursive: true }),
    /includes dashboards\/overview\.json, which is not in/,
  ],
  ['a dashboard that asks', (b) => b.edit('dashboards/overview.json', (j) => (j.__inputs = [])), /asks for inputs/],
  ['a dashboard of some database', (b) => b.edit('dashboards/overview.json', (j) => (j.id = 7)), /id of a row/],
  [
    'a dashboard that is no JSON',
    (b) => b.write('dashboards/overview.json', '{'),
    /^dashboards\/overview\.json: it is no JSON/,
  ],
  [
    'a dashboard that nobody includes',
    (b) => b.write('dashboards/more.json', '{}'),
    /dashboards\/more\.json is not among its includes/,
  ],
  [
    'no logo',
    (b) => rmSync(join(b.dist, 'datasource/img/logo.svg')),
    /^datasource\/plugin\.json: it names the image img\/logo\.svg, which is not/,
  ],
  ['a logo that is not square', (b) => b.write('img/logo.svg', svg('', '0 0 64 32')), /no square viewBox/],
  ['a logo that runs', (b) => b.write('img/logo.svg', svg('<script>1</script>')), /could run or be fetched/],
  ['a logo that listens', (b) => b.write('img/logo.svg', svg('<path onload="x()"/>')), /could run or be fetched/],
  [
    'a logo that fetches',
    (b) => b.write('img/logo.svg', svg('<image href="https://example.org/x"/>')),
    /could run or be fetched/,
  ],
  ['no screenshots', (b) => b.edit('plugin.json', (j) => (j.info.screenshots = [])), /it lists no screenshots/],
  ['a screenshot of another kind', (b) => b.write('img/screenshots/Alert-1.png', 'GIF89a'), /it is no PNG/],
  [
    'a heavy screenshot',
    (b) =>
      b.write(
        'img/screenshots/Alert-1.png',
        Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(400_000)])
      ),
    /has 400008 bytes/,
  ],
  ['an empty README', (b) => b.write('README.md', '\n'), /^README\.md: it is missing or empty/],
  ['a short README', (b) => b.write('README.md', '# Test'), /says next to nothing/],
  [
    "the template's README",
    (b) => b.write('README.md', `# Grafana app plugin template\n${'x '.repeat(400)}`),
    /template's/,
  ],
  ['a relative link', (b) => b.write('README.md', `${b.read('README.md')}![A shot](docs/shot.png)`), /relative link/],
  ['a comment', (b) => b.write('README.md', `${b.read('README.md')}<!-- later -->`), /holds a comment/],
  [
    'no entry for the version',
    (b) => b.write('CHANGELOG.md', '# Changelog\n\n## 1.2.30\n'),
    /^CHANGELOG\.md: it has no entry for 1\.2\.3/,
  ],
  ['no licence', (b) => rmSync(join(b.dist, 'LICENSE')), /^LICENSE: it is missing/],
  [
    'a licence with blanks',
    (b) => b.write('LICENSE', `${b.read('LICENSE')}Copyright {yyyy} {name of copyright owner}`),
    /blanks of the template/,
  ],
  [
    'a placeholder',
    (b) => b.write('README.md', `${b.read('README.md')}Version %VERSION%`),
    /^README\.md: %VERSION% was not filled in/,
  ],
  ['a file of the system', (b) => b.write('img/.DS_Store', ''), /^img\/\.DS_Store: nothing says why/],
  ['a fixture', (b) => b.write('pages/fixture.json', '{}'), /^pages\/fixture\.json: nothing says why/],
  ['no code', (b) => b.write('datasource/module.js', ''), /^datasource\/module\.js: it is missing or empty/],
  [
    'a script that logs',
    (b) => b.write('12.js', `console.log(1);${b.read('12.js')}`),
    /^12\.js: it writes to the console/,
  ],
  ['a development script', (b) => b.write('12.js', `"webpack-internal:///1";${b.read('12.js')}`), /development build/],
  ['no source map', (b) => rmSync(join(b.dist, '12.js.map')), /^12\.js: its source map is missing/],
  [
    'a map without sources',
    (b) => b.write('12.js.map', '{"version":3,"sources":["a"],"mappings":""}'),
    /^12\.js: its source map is missing or holds no sources/,
  ],
  [
    'a copy of React',
    (b) => b.write('12.js.map', source('', 'webpack://test/../node_modules/react/index.js')),
    /^12\.js: it holds a copy of react,/,
  ],
  [
    'a copy of @grafana/ui',
    (b) => b.write('12.js.map', source('', 'webpack://test/../node_modules/@grafana/ui/dist/x.js')),
    /copy of @grafana\/ui,/,
  ],
  [
    'code made of text',
    (b) => b.write('12.js.map', source('new Function("")', 'webpack://test/../node_modules/x/y.js')),
    /x\/y\.js makes code of text/,
  ],
  [
    'a dialog',
    (b) => b.write('module.js.map', source('if (confirm("Really?")) {}')),
    /src\/module\.tsx opens one of the browser's own dialogs/,
  ],
  [
    'the address of the page',
    (b) => b.write('module.js.map', source('window.location.href')),
    /src\/module\.tsx reads window\.location/,
  ],
  [
    'a window that can reach back',
    (b) => b.write('module.js.map', source('window.open(url, "_blank")')),
    /without noopener,noreferrer/,
  ],
  ['a silenced compiler', (b) => b.write('module.js.map', source('// @ts-ignore')), /silences the compiler/],
  [
    'a signature of something else',
    (b) => b.write('MANIFEST.txt', 'signed, honestly'),
    /^MANIFEST\.txt: it is no signature of this plugin/,
  ],
];

for (const [name, breakIt, expected] of breaks) {
  test(`found: ${name}`, () => {
    breakIt(bundle);
    const findings = found();
    assert.ok(
      findings.some((finding) => expected.test(finding)),
      `${String(expected)} is not among ${JSON.stringify(findings, null, 1)}`
    );
  });
}

test('a signature holds for the files as they were signed', () => {
  const files = readBundle(bundle.dist).files.map(({ path, bytes }) => [
    path,
    createHash('sha256').update(bytes).digest('hex'),
  ]);
  const manifest = { plugin: 'test-ops-app', version: '1.2.3', files: Object.fromEntries(files) as unknown };
  bundle.write(
    'MANIFEST.txt',
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${JSON.stringify(manifest, null, 2)}\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n`
  );
  assert.deepEqual(found(), []);

  bundle.write('README.md', `${bundle.read('README.md')} More.`);
  rmSync(join(bundle.dist, '12.js.map'));
  const findings = found();
  assert.ok(findings.includes('MANIFEST.txt: README.md is not what was signed'), String(findings));
  assert.ok(findings.includes('MANIFEST.txt: 12.js.map is not what was signed'), String(findings));
});
