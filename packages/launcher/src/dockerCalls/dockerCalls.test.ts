import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { ManagedProcess } from '../process/managedProcess.ts';
import { containerOf } from './container.ts';
import { buildDockerCalls, listenOnSocket } from './server.ts';

type Subject = { socket: string; container: string; close: () => Promise<void> };

/**
 * What the action service relies on, asked of whatever answers on a socket. `container` says hello on both outputs and runs `sleep`, which HUP ends.
 * The same statements hold for a Docker engine: it is asked too, where one answers and has an image to run.
 */
function contract(name: string, open: () => Promise<Subject>): void {
  describe(`Docker calls, answered by ${name}`, () => {
    let subject: Subject;
    let agent: Agent;
    const ask = async (method: 'GET' | 'POST', path: string) => {
      const answer = await request(`http://docker${path}`, { method, dispatcher: agent });
      const text = await answer.body.text();
      return {
        status: answer.statusCode,
        body: text.startsWith('{') ? (JSON.parse(text) as Record<string, never>) : text,
      };
    };
    const state = async () => (await ask('GET', `/containers/${subject.container}/json`)).body as unknown as Inspected;
    before(async () => {
      subject = await open();
      agent = new Agent({ connect: { socketPath: subject.socket } });
    });
    after(async () => {
      await agent.close();
      await subject.close();
    });

    test('answers ping and version', async () => {
      assert.deepEqual(await ask('GET', '/_ping'), { status: 200, body: 'OK' });
      assert.match(String(((await ask('GET', '/version')).body as { ApiVersion?: string }).ApiVersion), /^1\.\d+$/);
    });

    test('a version in front that it speaks is taken too', async () => {
      const { ApiVersion } = (await ask('GET', '/version')).body as unknown as { ApiVersion: string };
      assert.equal((await ask('GET', `/v${ApiVersion}/containers/${subject.container}/json`)).status, 200);
    });

    test('inspect tells name, state, pid and start', async () => {
      const { Name, State } = await state();
      assert.equal(Name, `/${subject.container}`);
      assert.equal(State.Status, 'running');
      assert.equal(State.Running, true);
      assert.ok(State.Pid > 0);
      assert.ok(Math.abs(Date.parse(State.StartedAt) - Date.now()) < 60_000);
    });

    test('top lists the main process under the titles of ps', async () => {
      const { status, body } = await ask('GET', `/containers/${subject.container}/top`);
      const { Titles, Processes } = body as unknown as { Titles: string[]; Processes: string[][] };
      assert.equal(status, 200);
      assert.ok(Titles.includes('PID') && Titles.includes('CMD'));
      assert.match(Processes[0]?.[Titles.indexOf('CMD')] ?? '', /sleep/);
    });

    test('top takes columns of ps, with titles of our own', async () => {
      const columns = encodeURIComponent('-eo pid,ppid,rss,etimes,args=CMD');
      const { status, body } = await ask('GET', `/containers/${subject.container}/top?ps_args=${columns}`);
      const { Titles, Processes } = body as unknown as { Titles: string[]; Processes: string[][] };
      assert.equal(status, 200);
      assert.deepEqual(Titles, ['PID', 'PPID', 'RSS', 'ELAPSED', 'CMD']);
      const [pid, , rss, elapsed, command] = Processes.find((one) => one[4]?.includes('sleep')) ?? [];
      assert.equal(Number(pid), (await state()).State.Pid);
      assert.ok(Number(rss) > 100 && Number(elapsed) < 60, `${rss} ${elapsed}`);
      assert.match(command ?? '', /sleep 300/);
      const wrong = await ask(
        'GET',
        `/containers/${subject.container}/top?ps_args=${encodeURIComponent('-eo nonsense')}`
      );
      assert.equal(wrong.status, 500);
    });

    test('its last lines come in frames, from both outputs', async () => {
      const answer = await request(`http://docker/containers/${subject.container}/logs?stdout=1&stderr=1&tail=10`, { dispatcher: agent }); // prettier-ignore
      assert.equal(answer.statusCode, 200);
      const text = framesOf(Buffer.from(await answer.body.arrayBuffer()));
      assert.match(text, /hello out\n/);
      assert.match(text, /hello err\n/);
      assert.equal((await ask('GET', `/containers/${subject.container}/logs?tail=10`)).status, 400);
    });

    test('restart answers 204 when a new process runs', async () => {
      const earlier = await state();
      assert.equal((await ask('POST', `/containers/${subject.container}/restart?t=1`)).status, 204);
      const later = await state();
      assert.equal(later.State.Running, true);
      assert.notEqual(later.State.Pid, earlier.State.Pid);
      assert.ok(Date.parse(later.State.StartedAt) > Date.parse(earlier.State.StartedAt));
    });

    test('a container that was killed is exited, keeps its exit code, cannot be killed again, and can be restarted', async () => {
      assert.equal((await ask('POST', `/containers/${subject.container}/kill?signal=SIGKILL`)).status, 204);
      for (let waited = 0; waited < 3000 && (await state()).State.Running; waited += 50) {
        await sleep(50);
      }
      const { State } = await state();
      assert.deepEqual([State.Status, State.Running, State.Pid, State.ExitCode], ['exited', false, 0, 137]);
      for (const [method, path] of [
        ['POST', 'kill?signal=HUP'],
        ['GET', 'top'],
      ] as const) {
        const refused = await ask(method, `/containers/${subject.container}/${path}`);
        assert.equal(refused.status, 409);
        assert.match((refused.body as unknown as { message: string }).message, /is not running/);
      }
      assert.equal((await ask('POST', `/containers/${subject.container}/restart`)).status, 204);
      assert.equal((await state()).State.Running, true);
    });

    test('an unknown container is 404, an unknown signal 400, both with a message', async () => {
      const unknown = await ask('GET', '/containers/no_such_thing/json');
      assert.equal(unknown.status, 404);
      assert.match((unknown.body as unknown as { message: string }).message, /No such container: no_such_thing/);
      const signal = await ask('POST', `/containers/${subject.container}/kill?signal=SIGNONSENSE`);
      assert.equal(signal.status, 400);
      assert.match((signal.body as unknown as { message: string }).message, /invalid signal/i);
    });
  });
}

/** What a stream without a terminal says: frames of eight bytes (kind, 0, 0, 0, length) and a text. */
function framesOf(stream: Buffer): string {
  let text = '';
  for (let at = 0; at + 8 <= stream.length;) {
    const length = stream.readUInt32BE(at + 4);
    text += stream.toString('utf8', at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text;
}

type Inspected = {
  Name: string;
  State: { Status: string; Running: boolean; Pid: number; ExitCode: number; StartedAt: string };
};

const saysHello = 'echo hello out; echo hello err >&2; exec sleep 300';

contract('the launcher', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dfr-ops-docker-'));
  const child = new ManagedProcess(
    { name: 'sleeper', command: 'sh', args: ['-c', saysHello], logFile: join(folder, 'sleeper.log'), restart: 'none' },
    null
  );
  child.start();
  const socket = join(folder, 'docker.sock');
  const app = buildDockerCalls([containerOf({ name: 'dfr_test', image: 'sleep', process: child })]);
  await listenOnSocket(app, socket);
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  return {
    socket,
    container: 'dfr_test',
    close: async () => {
      await app.close();
      await child.stop();
      rmSync(folder, { recursive: true });
    },
  };
});

const image = engineImage();
if (image) {
  contract('a Docker engine', async () => {
    const container = `dfr_test_${process.pid}`;
    spawnSync('docker', [
      'run',
      '-d',
      '--init=false',
      '--network=none',
      '--name',
      container,
      image,
      'sh',
      '-c',
      saysHello,
    ]);
    return {
      socket: '/var/run/docker.sock',
      container,
      close: async () => void spawnSync('docker', ['rm', '-f', container]),
    };
  });
} else {
  test('not run: Docker (no engine answers here, or it has no image with `sleep`)', { skip: true }, () => {});
}

/** An image that the engine has already: nothing is pulled for a test. */
function engineImage(): string | null {
  const asked = spawnSync('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}'], {
    encoding: 'utf8',
    timeout: 5000,
  });
  const images = asked.status === 0 ? asked.stdout.split('\n') : [];
  return images.find((one) => /^(busybox|alpine|debian|dfr-ops-test):/.test(one)) ?? null;
}
