import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import type { ProblemError } from '../problem.ts';
import { demandSecret } from './authenticate.ts';

const secret = 'the-secret-of-the-route';
const bringing = (given: unknown) => ({ headers: { 'x-dfr-ops-secret': given } }) as unknown as FastifyRequest;

test('the route’s secret lets a request through', () => {
  demandSecret(bringing(secret), secret);
});

test('any other is refused with 403, whatever it has in common with the secret', () => {
  for (const given of [undefined, '', secret.slice(0, -1), `${secret}x`, secret.toUpperCase(), 'x', [secret, secret]]) {
    assert.throws(
      () => demandSecret(bringing(given), secret),
      (error: ProblemError) => error.status === 403 && error.problem.code === 'secret_refused',
      String(given)
    );
  }
});
