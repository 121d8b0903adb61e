import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillTemplate } from './goTemplate.ts';

const data = {
  JsonData: { serviceUrl: 'http://service', empty: '', number: 5 },
  SecureJsonData: { secret: 's' },
  URL: 'http://own',
};

test('fills the fields that routes read', () => {
  assert.equal(fillTemplate('{{ .JsonData.serviceUrl }}/api/v1', data), 'http://service/api/v1');
  assert.equal(fillTemplate('Bearer {{.SecureJsonData.secret}}', data), 'Bearer s');
  assert.equal(fillTemplate('{{ .URL }}', data), 'http://own');
  assert.equal(fillTemplate('plain', data), 'plain');
});

test('throws where Grafana would send the request all the same', () => {
  const templates = [
    '{{ .JsonData.missing }}',
    '{{ .JsonData.empty }}',
    '{{ .JsonData.number }}',
    '{{ .JsonData.constructor }}',
    '{{ printf "x" }}',
    '{{ .SecureJsonData }}',
    '{{ .JsonData.serviceUrl',
  ];
  for (const template of templates) {
    assert.throws(() => fillTemplate(template, data), Error, template);
  }
});
