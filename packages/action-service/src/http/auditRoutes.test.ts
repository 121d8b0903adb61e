import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AuditAnswer, AuditEvent } from '@dfr-ops/contracts';
import { recordAudit } from '../audit/recordAudit.ts';
import { secret, startServiceUnderTest, type ServiceUnderTest } from '../test/serviceUnderTest.ts';

let service: ServiceUnderTest;

before(async () => {
  service = await startServiceUnderTest({});
  const { pool } = service.store;
  for (let number = 1; number <= 5; number += 1) {
    const kind = number % 2 === 0 ? 'run.accepted' : 'run.ended';
    const actor = number === 5 ? '=HYPERLINK("x")' : 'admin';
    await pool.query(`INSERT INTO audit_events (at, actor, kind, subject, data) VALUES ($1, $2, $3, $4, $5)`, [
      `2026-01-0${number}T00:00:00Z`,
      actor,
      kind,
      `run-${number}`,
      JSON.stringify({ text: 'a,"b"\u2028' }),
    ]);
  }
  await recordAudit(pool, { actor: 'eve', kind: 'console.login', subject: 'console', data: {} });
});
after(() => service?.stop());

const ask = async (query: string) => {
  const headers = { 'x-dfr-ops-secret': secret, 'x-grafana-id': await service.grafana.sign('admin', 'Admin') };
  return service.app.inject({ url: `/api/v1/audit?${query}`, headers });
};
const subjects = async (query: string) =>
  (await service.get<AuditAnswer>('viewer', `/audit?${query}`)).body.events.map(({ subject }) => subject);

test('entries are filtered by actor, kind, subject and time', async () => {
  assert.deepEqual(await subjects('kind=run.accepted'), ['run-2', 'run-4']);
  assert.deepEqual(await subjects('kind=run.*&actor=admin'), ['run-1', 'run-2', 'run-3', 'run-4']);
  assert.deepEqual(await subjects('actor=eve'), ['console']);
  assert.deepEqual(await subjects('subject=run-3'), ['run-3']);
  assert.deepEqual(await subjects('kind=run.%25'), []);
  assert.deepEqual(await subjects('from=2026-01-02T00:00:00Z&to=2026-01-04T00:00:00%2B00:00'), ['run-2', 'run-3']);
  assert.deepEqual(await subjects('from=2999-01-01T00:00:00Z'), []);
});

test('pages follow each other to the end, in each format', async () => {
  for (const format of ['json', 'jsonl', 'csv']) {
    const seen: string[] = [];
    let next: number | null = 0;
    while (next !== null) {
      const answer = await ask(`limit=2&after=${next}&format=${format}`);
      assert.equal(answer.statusCode, 200, answer.body);
      if (format === 'json') {
        const page = answer.json() as AuditAnswer;
        seen.push(...page.events.map(({ subject }) => subject));
        next = page.next;
      } else {
        seen.push(...(answer.body.match(/run-\d|console(?=,|")/g) ?? []));
        next = answer.headers['x-next-after'] === undefined ? null : Number(answer.headers['x-next-after']);
      }
    }
    assert.deepEqual([...new Set(seen)], ['run-1', 'run-2', 'run-3', 'run-4', 'run-5', 'console'], format);
  }
});

test('JSON lines are one entry a line; CSV quotes, and runs nothing in a spreadsheet', async () => {
  const lines = await ask('format=jsonl');
  assert.match(String(lines.headers['content-type']), /^application\/x-ndjson/);
  const events = lines.body.split(/[\n\u2028]/).filter(Boolean).map((line) => JSON.parse(line) as AuditEvent); // prettier-ignore
  assert.equal(events.length, 6);
  assert.deepEqual(events[0]?.data, { text: 'a,"b"\u2028' });
  const csv = await ask('format=csv');
  assert.match(String(csv.headers['content-type']), /^text\/csv/);
  assert.match(csv.body, /^seq,at,actor,kind,subject,data,previousHash,hash\r\n1,/);
  assert.match(csv.body, /,"'=HYPERLINK\(""x""\)",/);
  assert.match(csv.body, /,"\{""text"":""a,\\""b\\""/);
});

test('a wrong filter is refused by the name of its field', async () => {
  for (const wrong of ['from=yesterday', 'limit=0', 'limit=5000', 'format=xml', 'after=-1', 'actor=']) {
    const answer = await ask(wrong);
    assert.equal(answer.statusCode, 400, wrong);
    assert.match(answer.body, new RegExp(`"path":"${wrong.split('=')[0]}"`), wrong);
  }
});
