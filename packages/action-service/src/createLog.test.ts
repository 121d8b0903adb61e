import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './createLog.ts';

const config = {
  databaseUrl: 'postgres://store:st%40re-word@127.0.0.1/ops',
  secret: 'route-"secret"',
  prometheus: { user: 'dfr', password: 'prom-word' },
  listen: { host: '127.0.0.1', port: 8085 },
};

function linesOf(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog(config, { write: (line: string) => void lines.push(line) }));
  lines.forEach((line) => JSON.parse(line));
  return lines.join('');
}

test('what an error brings along has no secret left', () => {
  const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyOjEifQ.c2lnbmF0dXJl';
  const cause = Object.assign(new Error(`asked with Authorization: Basic ZGZyOnByb20td29yZA== and st@re-word`), {
    options: { headers: { authorization: 'Bearer abcdef', 'x-grafana-id': jwt } },
  });
  const error = Object.assign(new Error(`failed at http://x/hooks?token=0123abc as route-"secret" or prom-word`), {
    cause,
    input: 'postgres://other:other-word@db/x',
    jwt,
  });
  const text = linesOf((log) => log.error({ err: error, req: { headers: { authorization: 'abc-def' } } }, 'failed'));
  for (const secret of [
    'st@re-word',
    'secret\\"',
    'prom-word',
    'other-word',
    'ZGZyOnByb20td29yZA',
    'abcdef',
    'abc-def',
    'eyJ',
    '0123abc',
  ]) {
    assert.ok(!text.includes(secret), `${secret} in ${text}`);
  }
  assert.match(text, /failed at http:\/\/x\/hooks\?token=\[hidden\]/);
});

test('what is no secret stays', () => {
  const text = linesOf((log) =>
    log.info({ listen: config.listen, url: 'http://127.0.0.1:9090/api', user: 'dfr' }, 'it listens')
  );
  assert.match(
    text,
    /"host":"127\.0\.0\.1","port":8085.*"url":"http:\/\/127\.0\.0\.1:9090\/api","user":"dfr".*it listens/
  );
  assert.doesNotMatch(text, /hidden/);
});
