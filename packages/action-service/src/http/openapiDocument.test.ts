import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openapiFile, openapiText } from '../writeOpenapi.ts';
import { operations } from './operations.ts';

type Document = {
  paths: Record<string, Record<string, { operationId?: string; responses: Record<string, { content?: object }> }>>;
};

const text = await openapiText();
const document = () => JSON.parse(text) as Document;
const described = Object.entries(document().paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, ...operation }))
);

test('the document is valid OpenAPI 3.1, and one that is not is refused', async () => {
  const validator = new Validator();
  assert.deepEqual(await validator.validate(document()), { valid: true });
  assert.equal(validator.version, '3.1');
  const broken = document();
  broken.paths['/api/v1/runs']!.post!.responses = { accepted: {} };
  assert.equal((await new Validator().validate(broken)).valid, false);
});

test('every route is described once, and nothing is described that there is not', () => {
  const routes = described.map(({ route }) => route).sort();
  assert.deepEqual(routes, Object.keys(operations).sort(), 'describe the route in operations.ts');
  const ids = described.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length);
});

test('every error is a problem, and whatever takes a person can refuse them', () => {
  for (const { route, responses } of described) {
    for (const [status, { content }] of Object.entries(responses).filter(([one]) => one >= '400')) {
      assert.deepEqual(Object.keys(content ?? {}), ['application/problem+json'], `${route} ${status}`);
    }
    if (route.includes(' /api/v1/')) {
      assert.ok(responses[401] && responses[403], route);
    }
  }
});

test('docs/openapi.json is that of this code', async () => {
  assert.equal(await readFile(openapiFile, 'utf8'), text, 'write it anew: npm run openapi');
});
