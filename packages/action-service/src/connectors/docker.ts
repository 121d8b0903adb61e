import { freemem } from 'node:os';
import { z } from 'zod';
import { UnreachableError } from './unreachable.ts';
import { unixHttp } from './unixHttp.ts';

/** What of `GET /containers/:id/json` is read. Source: docs.docker.com/reference/api/engine. */
const Inspected = z.object({
  Name: z.string(),
  RestartCount: z.number().default(0),
  HostConfig: z.object({ Memory: z.number().default(0) }).optional(),
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
  /** How much its processes may take together; null: all that the machine has. */
  memoryLimitBytes: number | null;
}

export interface ContainerProcess {
  pid: number;
  parent: number;
  residentBytes: number;
  /** For how long it has run. */
  ageSeconds: number;
  command: string;
}

export interface DockerConnector {
  inspect(name: string): Promise<ContainerState>;
  /** Restarts it, or starts it when it does not run. Resolves when the new process runs. */
  restart(name: string, graceSeconds: number): Promise<void>;
  /** `signal` as Docker names it, e.g. SIGHUP. */
  kill(name: string, signal: 'SIGHUP' | 'SIGQUIT' | 'SIGTTIN' | 'SIGTTOU'): Promise<void>;
  /** Processes of the container as `ps` shows them. */
  top(name: string): Promise<{ titles: string[]; processes: string[][] }>;
  /** Its processes, with what each takes. */
  processes(name: string): Promise<ContainerProcess[]>;
  /** The last lines of what it printed, on both outputs. */
  log(name: string, lines: number): Promise<string>;
  /** What is free on the machine: the engine's socket is on this one. */
  freeMemoryBytes(): number;
  close(): Promise<void>;
}

const Table = z.object({ Titles: z.array(z.string()), Processes: z.array(z.array(z.string())) });

/** An answer of the engine other than success; `message` is the engine's own. */
export class DockerRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The five calls of the Docker Engine API that this service makes, over its unix socket. Without a version in the path the
 * engine answers with its newest: any version named would one day be too old (Docker 29 refuses those below 1.44).
 */
export function connectDocker(socketPath: string): DockerConnector {
  const http = unixHttp(socketPath, 'The Docker engine');
  const call = async (method: 'GET' | 'POST', name: string, rest: string, timeoutMs?: number) => {
    const answer = await http.ask(method, `${pathOf(name)}/${rest}`, { timeoutMs });
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
      const { State, Name, HostConfig } = parsed.data;
      return {
        name: Name.replace(/^\//, ''),
        status: State.Status,
        running: State.Running,
        exitCode: State.ExitCode,
        startedAt: new Date(State.StartedAt),
        memoryLimitBytes: HostConfig?.Memory || null,
      };
    },
    async restart(name, graceSeconds) {
      await call('POST', name, `restart?t=${graceSeconds}`, (graceSeconds + 30) * 1000);
    },
    async kill(name, signal) {
      await call('POST', name, `kill?signal=${signal}`);
    },
    async top(name) {
      const { Titles, Processes } = Table.parse(await call('GET', name, 'top', 5000));
      return { titles: Titles, processes: Processes };
    },
    async processes(name) {
      const columns = encodeURIComponent('-eo pid,ppid,rss,etimes,args=CMD');
      const { Processes } = Table.parse(await call('GET', name, `top?ps_args=${columns}`, 5000));
      return Processes.map(([pid, parent, kilobytes, seconds, ...command]) => ({
        pid: Number(pid),
        parent: Number(parent),
        residentBytes: Number(kilobytes) * 1024,
        ageSeconds: Number(seconds),
        command: command.join(' '),
      }));
    },
    async log(name, lines) {
      const { status, bytes } = await http.askBytes(`${pathOf(name)}/logs?stdout=1&stderr=1&tail=${lines}`, 5000);
      if (status >= 400) {
        throw new DockerRefusal(status, `the log of ${name} is not shown (status ${status})`);
      }
      return textOfFrames(bytes);
    },
    freeMemoryBytes: freemem,
    close: http.close,
  };
}

const pathOf = (name: string) => `/containers/${encodeURIComponent(name)}`;

/** A log comes in frames of eight bytes (which output, three zeros, length) and a text; of a container with a terminal as it is. */
function textOfFrames(bytes: Buffer): string {
  if (bytes.length < 8 || bytes.readUInt8(0) > 2 || bytes.readUIntBE(1, 3) !== 0) {
    return bytes.toString('utf8');
  }
  const parts: string[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 4);
    parts.push(bytes.toString('utf8', at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts.join('');
}
