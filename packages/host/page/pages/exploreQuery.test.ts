import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExploreQuery } from './exploreQuery.ts';

const address = (name: string, value: unknown) => `?schemaVersion=1&${name}=${encodeURIComponent(JSON.stringify(value))}`;

test('reads the query of the first pane, with its datasource and time', () => {
  const pane = { datasource: 'pane', queries: [{ refId: 'A', expr: 'up', datasource: { uid: 'query' } }], range: { from: '1', to: '2' } };
  assert.deepEqual(readExploreQuery(address('panes', { a: pane })), { datasource: 'query', expr: 'up', from: '1', to: '2' });
});

test('reads the older form, and fills in what it lacks', () => {
  assert.deepEqual(readExploreQuery(address('left', { datasource: 'loki', queries: [{ expr: '{a="b"}' }] })), {
    datasource: 'loki',
    expr: '{a="b"}',
    from: 'now-1h',
    to: 'now',
  });
});

test('an address without a query has none', () => {
  for (const search of ['', '?panes=nonsense', '?panes=null', address('panes', {}), address('panes', { a: { queries: [{}] } })]) {
    assert.equal(readExploreQuery(search), null, search);
  }
});
