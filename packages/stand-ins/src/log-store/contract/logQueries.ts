import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { LokiClient } from './lokiClient.ts';

const webRequest =
  '{"status":502,"path":"/web","took":1.0,"id":12345678901234567890,"user":{"first name":"Ada","admin":true,"boss":null},"tags":[1],"service":"inner"}';

export function logQueries(loki: LokiClient): void {
  describe('queries for lines', () => {
    before(async () => {
      const pushed = await Promise.all([
        loki.pushLines('odoo', [
          [0, 'INFO a'],
          [1000, 'ERROR b "quoted" \\d'],
          [2000, 'INFO c\nsecond'],
        ]),
        loki.pushLines('nginx', [
          [0, webRequest],
          [1000, '{"status":200,"path":"/web"}'],
          [2000, 'not json'],
        ]),
        loki.pushLines('dfr', [
          [0, 'level=warn msg="a \\"slow\\" one" took=12 empty= bare a.b=1'],
          [1000, 'level=info took=soon'],
        ]),
        loki.pushLines('marked', [[0, 'with metadata', { trace: 't1', service: 'own' }]]),
      ]);
      assert.deepEqual(
        pushed.map(({ status, text }) => [status, text]),
        pushed.map(() => [204, ''])
      );
    });
    const odoo = loki.selector('odoo');
    const nginx = loki.selector('nginx');
    const dfr = loki.selector('dfr');

    test('newest first unless asked otherwise; from start on, before end; no more than the limit', async () => {
      const [a, b, c] = ['INFO a', 'ERROR b "quoted" \\d', 'INFO c\nsecond'];
      assert.deepEqual(await loki.lines(odoo), [c, b, a]);
      assert.deepEqual(await loki.lines(odoo, { direction: 'forward', limit: '2' }), [a, b]);
      assert.deepEqual(await loki.lines(odoo, { limit: '1' }), [c]);
      assert.deepEqual(await loki.lines(odoo, { start: loki.at(1000), end: loki.at(2000) }), [b]);
      assert.deepEqual(await loki.lines(odoo, { start: loki.at(1000), end: loki.at(1000) }), []);
      const seconds = { start: String(loki.t0 / 1000), end: String(loki.t0 / 1000 + 1.5) };
      assert.deepEqual(await loki.lines(odoo, seconds), [b, a]);
      assert.deepEqual(await loki.lines(odoo, { start: new Date(loki.t0 + 500).toISOString() }), [c, b]);
    });

    test('selects by =, !=, =~ and !~; a regular expression matches the whole value', async () => {
      const count = async (matchers: string) => (await loki.lines(`{run="${loki.run}"${matchers}}`)).length;
      assert.equal(await count(',service=~"odoo|dfr"'), 5);
      assert.equal(await count(',service=~"od"'), 0);
      assert.equal(await count(',service!="odoo",service!~"ng.*|marked"'), 2);
      assert.equal(await count(',service=""'), 0);
      assert.equal(await count(',nothing=""'), 9);
      assert.equal(await count(',service=~"(?i)ODOO"'), 3);
    });

    test('filters lines by text and by regular expression', async () => {
      const count = async (filters: string) => (await loki.lines(`${odoo} ${filters}`)).length;
      assert.deepEqual(
        {
          contains: await count('|= "INFO"'),
          not: await count('!= "INFO"'),
          regex: await count('|~ "INFO [ac]"'),
          notRegex: await count('!~ "^INFO"'),
          insensitive: await count('|~ "(?i)error"'),
          both: await count('|= "INFO" != "c"'),
          either: await count('|= "INFO a" or "ERROR"'),
          neither: await count('!= "INFO a" or "ERROR"'),
          escaped: await count('|= "\\"quoted\\" \\\\d"'),
          backquoted: await count('|= `"quoted" \\d`'),
          unicode: await count('|= "\\u0045RROR"'),
          everything: await count('|= ""'),
          dotIsNoNewline: await count('|~ "c.second"'),
          comment: await count('|= "a" # nothing'),
        },
        {
          contains: 2,
          not: 1,
          regex: 2,
          notRegex: 1,
          insensitive: 1,
          both: 1,
          either: 2,
          neither: 1,
          escaped: 1,
          backquoted: 1,
          unicode: 1,
          everything: 3,
          dotIsNoNewline: 0,
          comment: 1,
        }
      );
    });

    test('json: names of objects within are joined, numbers stay as written, a name that is there gets _extracted', async () => {
      assert.deepEqual(await loki.labelsOf(`${nginx} | json | status="502"`), {
        id: '12345678901234567890',
        path: '/web',
        service: 'nginx',
        service_extracted: 'inner',
        status: '502',
        took: '1.0',
        user_admin: 'true',
        user_first_name: 'Ada',
      });
      assert.deepEqual(await loki.lines(`${nginx} | json | status >= 500`), [webRequest]);
      assert.deepEqual(await loki.lines(`${nginx} | json | path="/none"`), []);
    });

    test('json: a line that is none stays, with an error on it', async () => {
      const { __error__: error, __error_details__: details } = await loki.labelsOf(`${nginx} |= "not" | json`);
      assert.equal(error, 'JSONParserErr');
      assert.ok(details);
      assert.equal((await loki.lines(`${nginx} | json | __error__=""`)).length, 2);
      assert.deepEqual(await loki.lines(`${nginx} | json | __error__!=""`), ['not json']);
    });

    test('logfmt: quotes, no empty values; a label that is no number stays, with an error', async () => {
      assert.deepEqual(await loki.labelsOf(`${dfr} | logfmt | level="warn"`), {
        a_b: '1',
        level: 'warn',
        msg: 'a "slow" one',
        service: 'dfr',
        took: '12',
      });
      assert.equal((await loki.labelsOf(`${dfr} | logfmt | level="info" | took > 1`)).__error__, 'LabelFilterErr');
      assert.equal((await loki.lines(`${dfr} | logfmt | took > 12 | __error__=""`)).length, 0);
      assert.equal((await loki.lines(`${dfr} | logfmt | nothing > 1`)).length, 0);
    });

    test('regexp and pattern name parts of a line', async () => {
      assert.deepEqual(await loki.labelsOf(`${odoo} | regexp "(?P<level>[A-Z]+) (?P<service>b)" | level="ERROR"`), {
        level: 'ERROR',
        service: 'odoo',
        service_extracted: 'b',
      });
      assert.deepEqual(await loki.labelsOf(`${odoo} | pattern "<level> <_> \\"<word>\\"" | level="ERROR"`), {
        level: 'ERROR',
        service: 'odoo',
        word: 'quoted',
      });
      assert.deepEqual(await loki.labelsOf(`${odoo} |= "a" | pattern "<level> <rest> <more>"`), {
        level: 'INFO',
        rest: 'a',
        service: 'odoo',
      });
      assert.deepEqual(await loki.labelsOf(`${odoo} |= "a" | pattern "ERROR <rest>"`), { service: 'odoo' });
    });

    test('label filters join with and, or, comma and brackets; and binds tighter', async () => {
      const count = async (filter: string) => (await loki.lines(`${nginx} | json | __error__="" | ${filter}`)).length;
      assert.equal(await count('status="200" or status="502" and path="/none"'), 1);
      assert.equal(await count('(status="200" or status="502") and path="/none"'), 0);
      assert.equal(await count('status >= 200, status < 300'), 1);
      assert.equal(await count('status != 200'), 1);
      assert.equal(await count('status == 200'), 1);
      assert.equal(await count('path=~"/w.*"'), 2);
      assert.equal(await count('path!~"w"'), 2);
    });

    test('drop and keep leave labels out', async () => {
      const dropped = await loki.labelsOf(`${nginx} | json | status="200" | drop path, service, nothing`);
      assert.deepEqual(dropped, { status: '200' });
      const kept = await loki.labelsOf(`${nginx} |= "not" | json | keep service`);
      assert.deepEqual(Object.keys(kept), ['__error__', '__error_details__', 'service']);
      assert.deepEqual(await loki.labelsOf(`${nginx} |= "not" | json | drop __error__, __error_details__`), {
        service: 'nginx',
      });
    });

    test("a line's own metadata are labels; a name that its stream has gets _extracted", async () => {
      const marked = loki.selector('marked');
      assert.deepEqual(await loki.labelsOf(marked), { service: 'marked', service_extracted: 'own', trace: 't1' });
      assert.equal((await loki.lines(`${marked} | trace="t1"`)).length, 1);
      assert.equal((await loki.lines(`${marked} | trace!="t1"`)).length, 0);
    });
  });
}
