import { FakeEventSource } from '../test/FakeEventSource';
import { FakeGrafana, ok } from '../test/fakeGrafana';
import { buildEvent, buildRun } from '../test/buildAction';
import { followRun } from './followRun';
import { ServiceClient } from './ServiceClient';

const running = buildRun({ state: 'running' });
const done = buildRun({ state: 'succeeded' });

function follow() {
  const follower = { onEvent: jest.fn(), onRun: jest.fn(), onProblem: jest.fn() };
  const stop = followRun(new ServiceClient(), 'run-1', follower);
  return { ...follower, stop };
}

beforeEach(() => {
  jest.useFakeTimers();
  FakeEventSource.install();
});
afterEach(() => jest.useRealTimers());

it('streams, and ends with the run', () => {
  const { onEvent, onRun } = follow();
  expect(FakeEventSource.newest.url).toBe('/api/datasources/proxy/uid/dfr-ops/read/runs/run-1/events?after=0');
  FakeEventSource.newest.send(buildEvent(1, running));
  FakeEventSource.newest.send(buildEvent(2, done));
  expect(onEvent.mock.calls.map(([event]) => event.seq)).toEqual([1, 2]);
  expect(onRun).toHaveBeenLastCalledWith(done);
  expect(FakeEventSource.newest.closed).toBe(true);
});

it('goes on after the last event when the stream breaks, and tells no event twice', async () => {
  const { onEvent, stop } = follow();
  FakeEventSource.newest.send(buildEvent(1, running));
  FakeEventSource.newest.fail();
  await jest.advanceTimersByTimeAsync(1000);
  expect(FakeEventSource.opened).toHaveLength(2);
  expect(FakeEventSource.newest.url).toContain('after=1');
  FakeEventSource.newest.send(buildEvent(1, running));
  FakeEventSource.newest.send(buildEvent(2, running));
  expect(onEvent.mock.calls.map(([event]) => event.seq)).toEqual([1, 2]);
  stop();
});

it('asks by long poll where streams do not pass', async () => {
  const grafana = new FakeGrafana().on('GET read/runs/*/events', ok({ events: [buildEvent(1, done)], run: done }));
  const { onEvent, onRun } = follow();
  FakeEventSource.newest.fail();
  await jest.advanceTimersByTimeAsync(1000);
  FakeEventSource.newest.fail();
  await jest.advanceTimersByTimeAsync(2000);
  expect(grafana.requests('GET read/runs/*/events')[0]!.query.get('wait')).toBe('15');
  expect(onEvent).toHaveBeenCalledTimes(1);
  expect(onRun).toHaveBeenLastCalledWith(done);
});

it('says why while the service is down, and is silent again when it is back', async () => {
  const grafana = new FakeGrafana();
  const { onProblem, onRun } = follow();
  FakeEventSource.newest.fail();
  await jest.advanceTimersByTimeAsync(1000);
  FakeEventSource.newest.fail();
  await jest.advanceTimersByTimeAsync(3000);
  expect(onProblem.mock.lastCall[0].problem.code).toBe('service_down');
  grafana.on('GET read/runs/*/events', ok({ events: [], run: done }));
  await jest.advanceTimersByTimeAsync(10_000);
  expect(onProblem).toHaveBeenLastCalledWith(null);
  expect(onRun).toHaveBeenLastCalledWith(done);
});

it('stops asking for a run that there is not', async () => {
  const problem = { code: 'run_unknown', what: 'There is no such run.', why: 'Nothing is known under it.', todo: 'Look at the runs.' };
  const grafana = new FakeGrafana().on('GET read/runs/*/events', { status: 404, body: problem });
  const { onProblem } = follow();
  FakeEventSource.newest.fail();
  await jest.advanceTimersByTimeAsync(1000);
  FakeEventSource.newest.fail();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(onProblem.mock.lastCall[0].problem).toEqual(problem);
  expect(grafana.seen).toHaveLength(1);
});

it('asks by itself when a stream stays silent', async () => {
  new FakeGrafana().on('GET read/runs/*/events', ok({ events: [buildEvent(1, running), buildEvent(2, done)], run: done }));
  const { onEvent, onRun } = follow();
  FakeEventSource.newest.send(buildEvent(1, running));
  await jest.advanceTimersByTimeAsync(5000);
  expect(FakeEventSource.newest.closed).toBe(false);
  await jest.advanceTimersByTimeAsync(2000);
  expect(FakeEventSource.newest.closed).toBe(true);
  expect(onEvent.mock.calls.map(([event]) => event.seq)).toEqual([1, 2]);
  expect(onRun).toHaveBeenLastCalledWith(done);
});
