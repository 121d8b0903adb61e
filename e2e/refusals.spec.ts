import { readFileSync } from 'node:fs';
import { expect, test, type APIRequestContext, type APIResponse } from '@playwright/test';
import { Problem, type Preview } from '@dfr-ops/contracts';
import { apiAs, loginAs } from './login';
import { currentStack } from './stack';

/** A refusal says what happened, why and what to do. */
async function expectProblem(answer: APIResponse, status: number): Promise<Problem> {
  const text = await answer.text();
  expect(answer.status(), text).toBe(status);
  const problem = Problem.parse(JSON.parse(text));
  for (const sentence of [problem.what, problem.why, problem.todo]) {
    expect(sentence.length).toBeGreaterThan(5);
  }
  return problem;
}

const post = (api: APIRequestContext, path: string, data: unknown) => api.post(`act/${path}`, { data });
const runCount = async (api: APIRequestContext) =>
  (await (await api.get('read/runs?limit=200')).json()).runs.length as number;

test.describe('wrong input is refused with a clear message and changes nothing', () => {
  let admin: APIRequestContext;
  let before: number;

  test.beforeEach(async () => {
    admin = await apiAs(currentStack(), 'admin');
    before = await runCount(admin);
  });
  test.afterEach(async () => {
    await admin.dispose();
  });

  const preview = async (parameters: Record<string, unknown> = {}): Promise<Preview> => {
    const answer = await post(admin, 'actions/nginx.test/preview', { parameters, fingerprint: null });
    expect(answer.status(), await answer.text()).toBe(200);
    return answer.json();
  };

  test('a parameter out of bounds', async () => {
    const problem = await expectProblem(
      await post(admin, 'actions/postgres.terminate-idle/preview', {
        parameters: { minIdleSeconds: -5 },
        fingerprint: null,
      }),
      400
    );
    expect(JSON.stringify(problem.issues)).toContain('minIdleSeconds');
    expect(await runCount(admin)).toBe(before);
  });

  test('an unknown parameter', async () => {
    await expectProblem(
      await post(admin, 'actions/nginx.test/preview', { parameters: { command: 'rm -rf /' }, fingerprint: null }),
      400
    );
  });

  test('an unknown action', async () => {
    await expectProblem(await post(admin, 'actions/odoo.explode/preview', { parameters: {}, fingerprint: null }), 404);
  });

  test('a run without a token that was handed out', async () => {
    await expectProblem(
      await post(admin, 'runs', { token: 'invented', reason: 'because I say so', typedTarget: null }),
      403
    );
    expect(await runCount(admin)).toBe(before);
  });

  test('a token with another body; the first run stays the only one', async () => {
    const { token } = await preview();
    const first = await post(admin, 'runs', { token, reason: 'a first reason', typedTarget: null });
    expect(first.status(), await first.text()).toBe(202);
    await expectProblem(await post(admin, 'runs', { token, reason: 'another reason', typedTarget: null }), 409);
    expect(await runCount(admin)).toBe(before + 1);
  });

  test('a second click is the same run, also when both arrive at once', async () => {
    const { token } = await preview();
    const body = { token, reason: 'click click', typedTarget: null };
    const answers = await Promise.all([
      post(admin, 'runs', body),
      post(admin, 'runs', body),
      post(admin, 'runs', body),
    ]);
    const ids = new Set(await Promise.all(answers.map(async (answer) => (await answer.json()).id)));
    expect(ids.size).toBe(1);
    expect(await runCount(admin)).toBe(before + 1);
  });

  test("somebody else's token", async () => {
    const { token } = await preview();
    const other = await apiAs(currentStack(), 'editor');
    await expectProblem(await post(other, 'runs', { token, reason: 'not mine', typedTarget: null }), 403);
    await other.dispose();
    expect(await runCount(admin)).toBe(before);
  });

  test("a viewer's POST, refused by the route", async () => {
    const viewer = await apiAs(currentStack(), 'viewer');
    const answer = await post(viewer, 'actions/nginx.test/preview', { parameters: {}, fingerprint: null });
    expect(answer.status()).toBe(403);
    expect((await viewer.get('read/alerts')).status()).toBe(200);
    await viewer.dispose();
  });

  test('a path that no route names', async () => {
    expect((await admin.post('read/runs', { data: {} })).ok()).toBe(false);
    expect((await admin.get('anything')).ok()).toBe(false);
    expect((await admin.post('read/../act/runs', { data: {} })).ok()).toBe(false);
  });

  test('the service asked directly: no secret, no identity, a forged identity', async ({ request }) => {
    const stack = currentStack();
    const url = `${stack.addresses.actionService}/api/v1/alerts`;
    const secret = readFileSync(stack.credentials.serviceSecretFile, 'utf8').trim();
    await expectProblem(await request.get(url), 403);
    await expectProblem(await request.get(url, { headers: { 'X-Dfr-Ops-Secret': secret } }), 401);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      iss: stack.addresses.host,
      aud: 'org:1',
      sub: 'user:1',
      type: 'user',
      username: 'admin',
      role: 'Admin',
      exp: Math.floor(Date.now() / 1000) + 300,
    };
    for (const forged of [
      `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`,
      `${part({ alg: 'ES256', kid: 'id-2026-11-es256' })}.${part(claims)}.${Buffer.alloc(64, 7).toString('base64url')}`,
    ]) {
      await expectProblem(
        await request.get(url, { headers: { 'X-Dfr-Ops-Secret': secret, 'X-Grafana-Id': forged } }),
        401
      );
    }
  });
});

test("the browser never sees the service's secret", async ({ page }) => {
  const stack = currentStack();
  const secret = readFileSync(stack.credentials.serviceSecretFile, 'utf8').trim();
  const seen: string[] = [];
  page.on('response', async (response) => {
    const body = await response.text().catch(() => '');
    if (body.includes(secret) || JSON.stringify(response.headers()).includes(secret)) {
      seen.push(response.url());
    }
  });
  await loginAs(page, stack, 'admin');
  await page.goto(`${stack.addresses.host}/a/dfr-ops-app/alerts`);
  await expect(page.getByTestId('dfr-page-alerts')).toBeVisible();
  await page.waitForTimeout(3000);
  expect(seen).toEqual([]);
});
