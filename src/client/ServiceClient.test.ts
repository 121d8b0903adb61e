import { FakeGrafana, ok, type Reply } from '../test/fakeGrafana';
import { buildAlert, buildAlertsAnswer } from '../test/buildAlert';
import { buildRun } from '../test/buildAction';
import { problemOf } from './ProblemError';
import { ServiceClient } from './ServiceClient';

const failure = async (request: Promise<unknown>) => problemOf(await request.then(() => new Error('it did not fail'), (error) => error));

describe('alerts', () => {
  it('asks with the matchers, and the second time only for what changed', async () => {
    const answer = buildAlertsAnswer([buildAlert()]);
    const grafana = new FakeGrafana().on('GET read/alerts', ({ headers }) =>
      headers['If-None-Match'] === '"1"' ? { status: 304, body: null } : ok(answer, { ETag: '"1"' })
    );
    const client = new ServiceClient('dfr-ops');
    const first = await client.alerts(['severity="critical"', 'service=~"odoo|nginx"']);
    const second = await client.alerts(['severity="critical"', 'service=~"odoo|nginx"']);
    expect(second).toBe(first);
    expect(grafana.seen[0]!.query.getAll('filter')).toEqual(['severity="critical"', 'service=~"odoo|nginx"']);
    expect(grafana.seen[1]!.headers['If-None-Match']).toBe('"1"');
  });

  it('never takes the ETag of other matchers', async () => {
    const grafana = new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([]), { ETag: '"1"' }));
    const client = new ServiceClient('dfr-ops');
    await client.alerts([]);
    await client.alerts(['severity="critical"']);
    expect(grafana.seen[1]!.headers['If-None-Match']).toBeUndefined();
  });
});

describe('failures in words', () => {
  const cases: Array<[string, Reply, string, RegExp]> = [
    ['the service is down', { status: 502, body: { message: '127.0.0.1:1 cannot be reached' } }, 'service_down', /Start the action service/],
    ['it answers too late', { status: 504, body: '' }, 'service_down', /Start the action service/],
    ['the role is refused by the route', { status: 403, body: { message: 'plugin proxy route access denied' } }, 'role_refused', /Editor or Admin/],
    ['the service refuses the identity', { status: 400, body: { message: 'Authentication to data source failed' } }, 'identity_refused', /GRAFANA_ISSUER/],
    ['there is no datasource', { status: 404, body: { message: 'Unable to find datasource' } }, 'datasource_missing', /Provision/],
    ['the login has ended', { status: 401, body: { message: 'Unauthorized' } }, 'signed_out', /sign in/],
    ['the network is gone', { status: 0, body: null }, 'grafana_unreachable', /connection/],
  ];
  it.each(cases)('%s', async (_name, reply, code, todo) => {
    new FakeGrafana().on('POST act/runs', reply);
    const problem = await failure(new ServiceClient().run({ token: 't', reason: 'because', typedTarget: null }));
    expect(problem.code).toBe(code);
    expect(problem.todo).toMatch(todo);
    expect(problem.why).not.toBe('');
  });

  it("passes the service's own words on", async () => {
    const problem = { code: 'token_unknown', what: 'Not run.', why: 'No such preview.', todo: 'Preview again.' };
    new FakeGrafana().on('POST act/runs', { status: 403, body: problem });
    expect(await failure(new ServiceClient().run({ token: 't', reason: 'because', typedTarget: null }))).toEqual(problem);
  });

  it('says so when the answer is of another version', async () => {
    new FakeGrafana().on('GET read/runs/7', ok({ ...buildRun(), state: 'exploded' }));
    const problem = await failure(new ServiceClient().runById('7'));
    expect(problem.code).toBe('answer_not_understood');
    expect(problem.why).toContain('state');
  });
});

it('keeps ids inside their step of the path', async () => {
  const grafana = new FakeGrafana();
  await failure(new ServiceClient().runById('../act/runs'));
  expect(grafana.seen[0]!.path).toBe('read/runs/..%2Fact%2Fruns');
});
