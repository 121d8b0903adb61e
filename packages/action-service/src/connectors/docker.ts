import { z } from 'zod';
import { UnreachableError } from './unreachable.ts';
import { unixHttp } from './unixHttp.ts';

/** What of `GET /containers/:id/json` is read. Source: docs.docker.com/reference/api/engine. */
const Inspected = z.object({
  Name: z.string(),
  RestartCount: z.number().default(0),
  State: z.object({ Status: z.string(), Running: z.boolean(), ExitCode: z.number(), StartedAt: z.string() }),
});

export interface ContainerState {
  name: string;
  /** Docker's word: running, exited, paused, … */
  status: string;
  running: boolean;
  exitCode: number;
  /** When it was started last. */
  startedAt: Date;
}

export interface DockerConnector {
  inspect(name: string): Promise<ContainerState>;
  /** Restarts it, or starts it when it does not run. Resolves when the new process runs. */
  restart(name: string, graceSeconds: number): Promise<void>;
  /** `signal` as Docker names it, e.g. SIGHUP. */
  kill(name: string, signal: 'SIGHUP' | 'SIGQUIT' | 'SIGTTIN' | 'SIGTTOU'): Promise<void>;
  /** Processes of the container as `ps` shows them. */
  top(name: string): Promise<{ titles: string[]; processes: string[][] }>;
  close(): Promise<void>;
}

/** An answer of the engine other than success; `message` is the engine's own. */
export class DockerRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The four calls of the Docker Engine API that this service makes, over its unix socket. Without a version in the path the
 * engine answers with its newest: any version named would one day be too old (Docker 29 refuses those below 1.44).
 */
export function connectDocker(socketPath: string): DockerConnector {
  const http = unixHttp(socketPath, 'The Docker engine');
  const call = async (method: 'GET' | 'POST', name: string, rest: string, timeoutMs?: number) => {
    const answer = await http.ask(method, `/containers/${encodeURIComponent(name)}/${rest}`, { timeoutMs });
    if (answer.status >= 400) {
      const message = z.object({ message: z.string() }).safeParse(answer.body);
      throw new DockerRefusal(answer.status, message.success ? message.data.message : `status ${answer.status}`);
    }
    return answer.body;
  };
  return {
    async inspect(name) {
      const parsed = Inspected.safeParse(await call('GET', name, 'json', 5000));
      if (!parsed.success) {
        throw new UnreachableError('What answers on the Docker socket does not speak the Docker Engine API.');
      }
      const { State, Name } = parsed.data;
      return {
        name: Name.replace(/^\//, ''),
        status: State.Status,
        running: State.Running,
        exitCode: State.ExitCode,
        startedAt: new Date(State.StartedAt),
      };
    },
    async restart(name, graceSeconds) {
      await call('POST', name, `restart?t=${graceSeconds}`, (graceSeconds + 30) * 1000);
    },
    async kill(name, signal) {
      await call('POST', name, `kill?signal=${signal}`);
    },
    async top(name) {
      const body = await call('GET', name, 'top', 5000);
      const { Titles, Processes } = z
        .object({ Titles: z.array(z.string()), Processes: z.array(z.array(z.string())) })
        .parse(body);
      return { titles: Titles, processes: Processes };
    },
    close: http.close,
  };
}
