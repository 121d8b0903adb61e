import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Pool } from 'pg';
import { z } from 'zod';
import { ProblemDetails } from '@dfr-ops/contracts';
import { requestsOf, type GeneratedRequest, type OpenapiDocument } from './requestArbitrary.ts';
import { startMain, webhookToken, type RunningMain } from './startMain.ts';

type Caller = 'Viewer' | 'Editor' | 'Admin' | 'stranger';
const callers: Caller[] = ['Viewer', 'Editor', 'Admin', 'stranger'];

/**
 * Sends `requests` requests, generated from the service's own OpenAPI document, to a real process with a real store. Throws with the
 * smallest request that is answered by a 5xx or by anything that the document does not tell, or that changes a row of the store
 * (but for the audit of refusals) or a target. Answers how often each status came.
 */
export async function fuzzService(options: { seed: number; requests: number }): Promise<Record<string, number>> {
  const service = await startMain();
  try {
    const document = (await (await fetch(`${service.base}/openapi.json`)).json()) as OpenapiDocument;
    const ids = await somethingToChange(service.store.pool);
    const before = await rowsOf(service.store.pool);
    const seen: Record<string, number> = {};
    let changed = before;
    const property = fc.asyncProperty(
      requestsOf(document, ids),
      fc.constantFrom(...callers),
      async (request, caller) => {
        fc.pre(!mayRightlyChange(document, request, caller, ids));
        const status = await send(service, document, request, caller);
        seen[status] = (seen[status] ?? 0) + 1;
        if (request.method !== 'GET') {
          changed = await rowsOf(service.store.pool);
          assert.deepEqual(changed, before, 'the store was changed');
        }
      }
    );
    await fc.assert(property, { seed: options.seed, numRuns: options.requests, endOnFailure: false });
    assert.deepEqual(await rowsOf(service.store.pool), before);
    assert.equal(await unexpectedAudits(service.store.pool), 0);
    assert.equal(service.child.exitCode, null, service.told());
    assert.equal(service.docker.container.restarts, 0);
    assert.deepEqual(
      service.agent.nginx.asked.filter((verb) => verb !== 'status' && verb !== 'test'),
      []
    );
    return seen;
  } finally {
    await service.stop();
  }
}

/** Who may act, at something that exists or with a body in the right form: such a request may change something. */
function mayRightlyChange(
  document: OpenapiDocument,
  { route, method, url, body }: GeneratedRequest,
  caller: Caller,
  ids: readonly string[]
): boolean {
  const [, path = ''] = route.split(' ');
  if (method === 'GET' || caller === 'stranger' || (caller === 'Viewer' && path.startsWith('/api/v1/'))) {
    return false;
  }
  if (path.includes('{') || path === '/api/v1/runs') {
    return ids.some((id) => url.includes(id));
  }
  const schema = document.paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json']?.schema;
  const $defs = document.components.schemas;
  const text = JSON.stringify({ ...schema, $defs }).replaceAll('#/components/schemas/', '#/$defs/');
  return !schema || z.fromJSONSchema(JSON.parse(text)).safeParse(parsed(body)).success;
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}

async function send(
  service: RunningMain,
  document: OpenapiDocument,
  { route, method, url, body }: GeneratedRequest,
  caller: Caller
): Promise<number> {
  const [, path = ''] = route.split(' ');
  const headers = caller === 'stranger' ? {} : await headersFor(service, caller);
  const answer = await fetch(service.base + url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await answer.text();
  const what = `${answer.status} ${text.slice(0, 600)}`;
  assert.ok(answer.status < 500, what);
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  if (answer.status >= 400) {
    assert.equal(type, 'application/problem+json', what);
    assert.equal(ProblemDetails.parse(JSON.parse(text)).status, answer.status);
  }
  // A path that was filled in with slashes is another address; a head that is too long belongs to none.
  const noRoute = answer.status === 431 || (answer.status === 404 && text.includes('"route_unknown"'));
  const { responses } = document.paths[path]![method.toLowerCase()]!;
  const told = responses[answer.status] ?? responses[`${Math.floor(answer.status / 100)}XX`];
  assert.ok(noRoute || told, `the document does not tell of this answer: ${what}`);
  return answer.status;
}

const known = new Map<Caller, { headers: Record<string, string>; until: number }>();

async function headersFor(service: RunningMain, caller: Caller): Promise<Record<string, string>> {
  const found = known.get(caller);
  if (found && found.until > Date.now() && found.headers.from === service.base) {
    return found.headers;
  }
  const headers = {
    ...(await service.headersOf(caller.toLowerCase(), caller)),
    authorization: `Bearer ${webhookToken}`,
    from: service.base,
  };
  known.set(caller, { headers, until: Date.now() + 60_000 });
  return headers;
}

/** An incident and a run in the store, both open to whoever may act; answers their ids. */
async function somethingToChange(store: Pool): Promise<string[]> {
  await store.query(
    `INSERT INTO incidents (id, fingerprint, alert_name, labels, annotations, origin, state, opened_at, firing_at,
       last_seen_at)
     VALUES ('inc-fuzz', 'f00000000000000f', 'OdooDown', '{"severity":"critical"}', '{}', 'prometheus', 'sight_lost', now(), now(), now())`
  );
  await store.query(
    `INSERT INTO runs (id, token_hash, body_hash, action_id, title, target_kind, target_name, risk, lock, parameters, snapshot,
       reason, requested_by, state, effect, alert, approval, approve_until)
     VALUES ('run-fuzz', 'hash', 'hash', 'nginx.reload', 'Reload', 'nginx', 'dfr_nginx_prod', 'low', 'shared', '{}', '{}', 'a reason',
       'somebody', 'awaiting_approval', '{"state":"pending","detail":""}',
       '{"state":"pending","since":null,"freshSamples":0,"detail":""}', 'second_person', now() + interval '1 hour')`
  );
  return ['inc-fuzz', 'run-fuzz'];
}

/** A digest of all rows of each table that a request could change. The audit's are looked at for themselves. */
async function rowsOf(store: Pool): Promise<Record<string, string>> {
  const { rows: tables } = await store.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE (schemaname = 'public' AND tablename !~ '^audit_') OR (schemaname, tablename) = ('pgboss', 'job')`
  );
  const digests = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) AS digest FROM ${name} t`
  );
  const { rows } = await store.query<{ name: string; digest: string }>(digests.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

async function unexpectedAudits(store: Pool): Promise<number> {
  const { rows } = await store.query(`SELECT kind FROM audit_events WHERE kind !~ 'refused$'`);
  assert.deepEqual([...new Set(rows.map(({ kind }) => kind))], []);
  return rows.length;
}
