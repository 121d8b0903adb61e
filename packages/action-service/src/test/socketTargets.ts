import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import type { AgentAnswer } from '@dfr-ops/contracts';

/** Answers the Docker Engine's calls on a unix socket, for one container. */
export async function startDockerSocket(folder: string, name: string) {
  const app = fastify();
  const container = { running: true, startedAt: new Date(Date.now() - 60_000), restarts: 0, restartMs: 20, refuse: '' };
  const missing = (given: string) => ({ message: `No such container: ${given}` });
  app.get<{ Params: { id: string } }>('/containers/:id/json', async ({ params }, reply) =>
    params.id === name
      ? {
          Name: `/${name}`,
          RestartCount: 0,
          State: {
            Status: container.running ? 'running' : 'exited',
            Running: container.running,
            ExitCode: container.running ? 0 : 137,
            StartedAt: container.startedAt.toISOString(),
          },
        }
      : reply.code(404).send(missing(params.id))
  );
  app.post<{ Params: { id: string } }>('/containers/:id/restart', async ({ params }, reply) => {
    if (params.id !== name || container.refuse) {
      return reply.code(409).send({ message: container.refuse || missing(params.id).message });
    }
    container.restarts += 1;
    await new Promise((resolve) => setTimeout(resolve, container.restartMs));
    container.running = true;
    container.startedAt = new Date();
    return reply.code(204).send();
  });
  return { container, ...(await listen(app, join(folder, 'docker.sock'))) };
}

/** Answers the agent's verbs on a unix socket as contracts/agent.ts has them. */
export async function startAgentSocket(folder: string) {
  const app = fastify();
  const nginx = {
    running: true,
    workersSince: Date.now() - 60_000,
    fault: '',
    upstream: [
      { server: '127.0.0.1:8069', down: false },
      { server: '127.0.0.1:8070', down: false },
    ],
    asked: [] as string[],
    /** How long each verb takes. */
    delayMs: 0,
    /** When each verb was asked and answered (performance.now). */
    calls: [] as Array<{ from: number; to: number }>,
  };
  const answer = (ok: boolean, output = ''): AgentAnswer => ({
    ok,
    running: nginx.running,
    pid: nginx.running ? 4711 : null,
    workersSince: nginx.running ? nginx.workersSince : null,
    upstream: nginx.upstream,
    output,
  });
  app.post<{ Params: { verb: string }; Body: { server?: string | null } }>('/v1/:verb', async ({ params, body }) => {
    nginx.asked.push(params.verb);
    const from = performance.now();
    if (nginx.delayMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, nginx.delayMs));
    }
    nginx.calls.push({ from, to: performance.now() });
    if (params.verb === 'status') {
      return answer(true);
    }
    if (nginx.fault) {
      return answer(false, nginx.fault);
    }
    if (params.verb !== 'test') {
      nginx.workersSince = Date.now();
    }
    if (params.verb === 'drain' || params.verb === 'undrain') {
      nginx.upstream = nginx.upstream.map((one) =>
        body.server === null || one.server === body.server ? { ...one, down: params.verb === 'drain' } : one
      );
    }
    return answer(true, 'nginx: configuration file test is successful');
  });
  return { nginx, ...(await listen(app, join(folder, 'agent.sock'))) };
}

async function listen(app: FastifyInstance, path: string) {
  await app.listen({ path });
  return { path, stop: () => app.close() };
}
