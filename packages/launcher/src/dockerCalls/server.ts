import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Container } from './container.ts';
import { chosenColumns, processTable } from './processTree.ts';

/**
 * The subset of the Docker Engine API that the action service uses, over processes of the launcher: _ping, version,
 * inspect, restart, kill, top, logs (the last lines, without their times); with or without a version in front. Errors are `{message}`: 400 wrong parameter,
 * 404 no such container, 409 not running, 500 else. Source: docs.docker.com/reference/api/engine (v1.43).
 */
export function buildDockerCalls(containers: readonly Container[]): FastifyInstance {
  const app = Fastify({ rewriteUrl: (request) => (request.url ?? '/').replace(/^\/v1\.\d{1,3}(?=\/)/, '') });
  const find = (id: string): Container => {
    const found = containers.find(
      (one) => one.name === id || idOf(one) === id || (id.length >= 12 && idOf(one).startsWith(id))
    );
    if (!found) {
      throw new DockerError(404, `No such container: ${id}`);
    }
    return found;
  };

  app.setErrorHandler((error: Error, _request, reply) =>
    reply.code(error instanceof DockerError ? error.status : 500).send({ message: error.message })
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'page not found' }));
  // Clients send an empty body as application/json, or none at all.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('api-version', apiVersion).header('server', 'DFR-Ops-Docker-Calls (linux)');
    done();
  });

  app.get('/_ping', (_request, reply) => reply.type('text/plain; charset=utf-8').send('OK'));
  app.get('/version', () => ({
    Version: '24.0.0-dfr-ops',
    ApiVersion: apiVersion,
    MinAPIVersion: '1.40',
    Os: 'linux',
    Arch: process.arch,
    Components: [{ Name: 'dfr-ops-docker-calls', Version: '0.1.0' }],
  }));
  app.get<{ Params: { id: string } }>('/containers/:id/json', (request) => inspect(find(request.params.id)));
  app.get<{ Params: { id: string }; Querystring: { ps_args?: string } }>('/containers/:id/top', (request) => {
    const pid = runningPid(find(request.params.id));
    const { ps_args: psArgs } = request.query;
    const table = psArgs === undefined ? processTable(pid) : chosenColumns(pid, psArgs);
    if (!table) {
      throw new DockerError(500, `ps: not known here: ${psArgs}`);
    }
    return table;
  });
  app.get<{ Params: { id: string } }>('/containers/:id/logs', (request, reply) => {
    const container = find(request.params.id);
    const query = LogsQuery.safeParse(request.query);
    if (!query.success || (!query.data.stdout && !query.data.stderr)) {
      throw new DockerError(400, 'Bad parameters: you must choose at least one stream');
    }
    const text = container.log(query.data.tail);
    return reply.type('application/vnd.docker.multiplexed-stream').send(framed(text));
  });
  app.post<{ Params: { id: string } }>('/containers/:id/restart', async (request, reply) => {
    const container = find(request.params.id);
    const query = z.object({ t: z.coerce.number().int().min(-1).max(3600).default(10) }).safeParse(request.query);
    if (!query.success) {
      throw new DockerError(400, 'invalid value for t: a whole number of seconds');
    }
    await container.restart(query.data.t);
    return reply.code(204).send();
  });
  app.post<{ Params: { id: string }; Querystring: { signal?: string } }>('/containers/:id/kill', (request, reply) => {
    const container = find(request.params.id);
    const signal = signalNamed(request.query.signal ?? 'SIGKILL');
    runningPid(container);
    container.signal(signal);
    return reply.code(204).send();
  });
  return app;
}

/** Listens on a socket that only this user may open. */
export async function listenOnSocket(app: FastifyInstance, path: string): Promise<void> {
  rmSync(path, { force: true });
  await app.listen({ path });
  chmodSync(path, 0o600);
}

const apiVersion = '1.43';

const Flag = z.string().transform((text) => text === '1' || text === 'true');
const LogsQuery = z.object({
  stdout: Flag.default(false),
  stderr: Flag.default(false),
  tail: z.coerce.number().int().min(1).max(10_000),
});

/** One frame of Docker's stream for containers without a terminal: kind of output, three zeros, length, text. */
function framed(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

class DockerError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function idOf(container: Container): string {
  return createHash('sha256').update(container.name).digest('hex');
}

function runningPid(container: Container): number {
  const pid = container.identity()?.pid;
  if (pid === undefined) {
    throw new DockerError(409, `container ${idOf(container)} is not running`);
  }
  return pid;
}

function signalNamed(name: string): NodeJS.Signals {
  const full = /^\d+$/.test(name)
    ? Object.entries(constants.signals).find(([, number]) => number === Number(name))?.[0]
    : name.startsWith('SIG')
      ? name
      : `SIG${name}`;
  if (!full || !(full in constants.signals)) {
    throw new DockerError(400, `invalid signal: ${name}`);
  }
  return full as NodeJS.Signals;
}

const never = '0001-01-01T00:00:00Z';

function inspect(container: Container): object {
  const pid = container.identity()?.pid ?? 0;
  return {
    Id: idOf(container),
    Name: `/${container.name}`,
    Image: container.image,
    RestartCount: container.restartCount(),
    State: {
      Status: pid > 0 ? 'running' : 'exited',
      Running: pid > 0,
      Paused: false,
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: pid,
      ExitCode: pid > 0 ? 0 : container.exitCode(),
      Error: '',
      StartedAt: container.startedAt()?.toISOString() ?? never,
      FinishedAt: container.finishedAt()?.toISOString() ?? never,
    },
    Config: { Image: container.image, Labels: {} },
    HostConfig: { Memory: 0, RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
  };
}
