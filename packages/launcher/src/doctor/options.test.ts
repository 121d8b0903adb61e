import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDoctorOptions, WrongCall } from './options.ts';

test('without flags nobody is sent anything', () => {
  const { mail, sms, json, mode } = readDoctorOptions([]);
  assert.deepEqual({ mail, sms, json, mode }, { mail: null, sms: null, json: false, mode: null });
});

test('recipients and the rest are read', () => {
  const options = readDoctorOptions([
    '--send-mail',
    'a@dfr.example',
    '--send-sms=+23276123456',
    '--mode',
    'values',
    '--json',
  ]);
  assert.deepEqual(
    [options.mail, options.sms, options.mode, options.json],
    ['a@dfr.example', '+23276123456', 'values', true]
  );
});

for (const [what, args] of [
  ['no address', ['--send-mail', 'someone']],
  ['no number', ['--send-sms', '076123456']],
  ['no value', ['--send-mail']],
  ['unknown mode', ['--mode', 'cloud']],
  ['unknown profile', ['--profile', 'test']],
  ['unknown flag', ['--send-fax', 'x']],
] as const) {
  test(`${what}: called wrongly`, () => {
    assert.throws(() => readDoctorOptions([...args]), WrongCall);
  });
}
