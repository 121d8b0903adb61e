import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countHttpWorkers } from './countHttpWorkers.ts';

const titles = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'];
const line = 'python3 /usr/bin/odoo -c /etc/odoo/odoo.conf';
const row = (pid: number, parent: number, command: string) => [
  'odoo',
  String(pid),
  String(parent),
  '0',
  '10:00',
  '?',
  '00:00:01',
  command,
];
const top = (...processes: string[][]) => ({ titles, processes });

test('forks with the main command line count, less those that run crons', () => {
  const forks = [11, 12, 13, 14, 15, 16].map((pid) => row(pid, 10, line));
  const others = [
    row(17, 10, 'python3 /usr/bin/odoo gevent -c /etc/odoo/odoo.conf'),
    row(18, 10, 'tee /var/log/dfr/odoo.log'),
    row(30, 12, 'wkhtmltopdf --quiet in.html out.pdf'),
  ];
  assert.equal(countHttpWorkers(top(row(10, 1, line), ...forks, ...others), 2), 4);
  assert.equal(countHttpWorkers(top(row(10, 1, line), ...forks.slice(2), ...others), 2), 2);
  assert.equal(countHttpWorkers(top(row(10, 1, line), ...forks.slice(5), ...others), 2), 0);
});

test('below an init process it is the same', () => {
  const forks = [11, 12, 13].map((pid) => row(pid, 10, line));
  assert.equal(countHttpWorkers(top(row(9, 1, '/sbin/docker-init -- odoo'), row(10, 9, line), ...forks), 1), 2);
});

test('titles tell the kinds apart, whatever the number of crons', () => {
  const workers = [
    row(11, 10, 'odoo: WorkerHTTP 11 dfr'),
    row(12, 10, 'odoo: WorkerHTTP 12'),
    row(13, 10, 'odoo: WorkerCron 13 dfr'),
    row(14, 10, 'python3 /usr/bin/odoo gevent -c /etc/odoo/odoo.conf'),
  ];
  assert.equal(countHttpWorkers(top(row(10, 1, line), ...workers), 2), 2);
});

test('an Odoo without workers answers with its one process', () => {
  assert.equal(countHttpWorkers(top(row(10, 1, line)), 2), 1);
  assert.equal(countHttpWorkers(top(row(10, 1, line), row(11, 10, 'wkhtmltopdf in out')), 2), 1);
  assert.equal(countHttpWorkers(top(), 2), 0);
});

test('a list without the columns says nothing', () => {
  assert.equal(countHttpWorkers({ titles: ['PID', 'COMMAND'], processes: [['1', line]] }, 2), null);
});
