import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { checkAddress } from './addresses.ts';

const check = (given: string) => checkAddress(given, ['203.0.113.64/28', '2001:db8:9::1'], ['198.51.100.20']);

test('one address and networks of /24 or smaller are taken, as nginx writes them', () => {
  const taken = {
    '203.0.113.7': '203.0.113.7',
    '203.0.114.77/24': '203.0.114.0/24',
    '203.0.113.7/32': '203.0.113.7',
    '2001:DB8:0:0:0:0:0:7': '2001:db8::7',
    '2001:db8:1:2:3::/48': '2001:db8:1::/48',
    '198.51.100.21': '198.51.100.21',
  };
  for (const [given, network] of Object.entries(taken)) {
    assert.deepEqual(check(given), { network, why: null }, given);
  }
});

test('wider ones, private ones, our own and the proxies are refused, each with its reason', () => {
  const refused = {
    '203.0.0.0/8': /too wide.*\/24/,
    '203.0.112.0/23': /too wide/,
    '0.0.0.0/0': /too wide/,
    '2001:db8::/47': /too wide.*\/48/,
    '127.0.0.1': /this machine/,
    '::1': /this machine/,
    '10.1.2.3': /private/,
    '172.31.0.0/24': /private/,
    '192.168.7.7': /private/,
    'fd00::7': /private/,
    'fe80::7': /own network/,
    '169.254.1.1': /own network/,
    '100.64.0.9': /shared by many/,
    '::ffff:203.0.113.7': /in disguise/,
    '::ffff:127.0.0.1': /in disguise/,
    '64:ff9b::cb00:7107': /in disguise/,
    '::/48': /no address of anybody/,
    '0.0.0.0': /no address of anybody/,
    '198.51.100.20': /this machine/,
    '198.51.100.0/24': /198\.51\.100\.20, which is this machine/,
    '203.0.113.65': /203\.0\.113\.64\/28, which is never/,
    '203.0.113.0/24': /never to be blocked/,
    '2001:db8:9::/64': /never to be blocked/,
  };
  for (const [given, why] of Object.entries(refused)) {
    assert.match(check(given).why ?? 'taken', why, given);
  }
});

test('what is no address is refused, and what only some programs take for one', () => {
  for (const given of [
    '',
    'all',
    '203.0.113',
    '127.1',
    '0x7f000001',
    '203.0.113.7/',
    '203.0.113.7/33',
    '203.0.113.7; allow all',
  ]) {
    assert.match(check(given).why ?? 'taken', /no address/, given);
  }
});

test('the addresses of this machine are found by themselves', () => {
  const mine = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  assert.ok(mine.length > 0);
  for (const { address } of mine) {
    assert.notEqual(checkAddress(address, []).why, null, address);
  }
});
