import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markUpstream, readUpstream } from './upstreamText.ts';

const text = `# server 10.0.0.9:8069;
server 127.0.0.1:8069 max_fails=3 fail_timeout=5s; # the first
server 127.0.0.1:8070 down max_fails=1;
  server backup.example:8069 backup; server unix:/run/odoo.sock;
keepalive 8;
`;

test('entries are read with their marks, comments are not', () => {
  assert.deepEqual(readUpstream(text), [
    { server: '127.0.0.1:8069', down: false },
    { server: '127.0.0.1:8070', down: true },
    { server: 'backup.example:8069', down: false },
    { server: 'unix:/run/odoo.sock', down: false },
  ]);
});

test('marking one as down keeps its parameters and every other byte', () => {
  const marked = markUpstream(text, '127.0.0.1:8069', true);
  assert.equal(marked, text.replace('fail_timeout=5s;', 'fail_timeout=5s down;'));
  assert.equal(markUpstream(marked, '127.0.0.1:8069', false), text);
});

test('taking the mark off every one leaves only what was not down', () => {
  assert.equal(markUpstream(text, null, false), text.replace(' down max_fails=1', ' max_fails=1'));
});

test('what is marked already, or stands nowhere, changes nothing', () => {
  assert.equal(markUpstream(text, '127.0.0.1:8070', true), text);
  assert.equal(markUpstream(text, '10.0.0.9:8069', true), text);
});

test('a server whose name only begins alike is left alone', () => {
  const two = 'server 127.0.0.1:80;\nserver 127.0.0.1:8069;\n';
  assert.equal(markUpstream(two, '127.0.0.1:80', true), 'server 127.0.0.1:80 down;\nserver 127.0.0.1:8069;\n');
});
