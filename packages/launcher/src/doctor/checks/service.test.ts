import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { examine, type Check } from '../check.ts';
import { installationAt, startFakeServer, Status } from '../test/fakeServer.ts';
import { clockChecks, judgeClock } from './clock.ts';
import { judgeDisk } from './disk.ts';
import { askService, serviceCheck } from './service.ts';

const server = await startFakeServer();
const installation = installationAt(server, '/nowhere');
after(() => server.stop());

const failing = { name: 'Rights in Odoo', state: 'failed', text: 'refused', remedy: 'Mend it.' };
let aheadSeconds = 0;
let asked = 0;
server.answers['/doctor'] = () => {
  asked += 1;
  const at = new Date(Date.now() + aheadSeconds * 1000).toISOString();
  return { at, version: '1', postgresSkewSeconds: -38, checks: [failing] };
};
server.answers['/api/v1/query'] = () => ({ data: { result: [0, String(Date.now() / 1000 + aheadSeconds)] } });
server.answers['/api/v2/status'] = () => ({});

const look = async (checks: Check[]) => (await examine([{ title: '', checks }]))[0]!.findings;

test("the service's own findings are told, and it is asked once", async () => {
  const report = askService(installation);
  const findings = await look([serviceCheck(installation, report), ...clockChecks(installation, report)]);
  assert.equal(findings[0]!.state, 'ok');
  assert.deepEqual(findings[1], failing);
  assert.equal(asked, 1);
});

test('a refusal, an answer of another form, and no way to it', async () => {
  const wellBefore = server.answers['/doctor']!;
  server.answers['/doctor'] = () => new Status(403, { what: 'Refused.', why: 'The secret is wrong.' });
  const [refused] = await look([serviceCheck(installation, askService(installation))]);
  assert.match(`${refused!.state} ${refused!.text}`, /^failed .*403 \(Refused\. The secret is wrong\.\)/);
  server.answers['/doctor'] = () => ({ hello: 1 });
  assert.equal((await look([serviceCheck(installation, askService(installation))]))[0]!.state, 'failed');
  const none = { ...installation, service: null };
  assert.match((await look([serviceCheck(none, askService(none))]))[0]!.text, /^Not checked, because/);
  server.answers['/doctor'] = wellBefore;
});

test('clocks: 2 s are well, 30 s odd, more is a failure', async () => {
  const states = async () =>
    (await look(clockChecks(installation, askService(installation)))).map(({ state }) => state);
  assert.deepEqual(await states(), ['ok', 'ok', 'ok', 'failed']);
  aheadSeconds = 10;
  assert.deepEqual(await states(), ['warning', 'ok', 'warning', 'warning']);
  aheadSeconds = 300;
  assert.deepEqual(await states(), ['failed', 'ok', 'failed', 'failed']);
  assert.deepEqual(
    [2, -2, 2.1, -30, 30.1].map((by) => judgeClock('C', by).state),
    ['ok', 'ok', 'warning', 'warning', 'failed']
  );
});

test('disk', () => {
  const [mb, gb] = [2 ** 20, 2 ** 30];
  assert.equal(judgeDisk('/d', 50 * gb, 100 * gb).state, 'ok');
  assert.equal(judgeDisk('/d', 5 * gb, 100 * gb).state, 'warning');
  assert.equal(judgeDisk('/d', gb, 100 * gb).state, 'failed');
  assert.equal(judgeDisk('/d', 200 * mb, gb).state, 'failed');
});
