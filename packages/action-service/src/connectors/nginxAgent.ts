import { AgentAnswer, Problem, type AgentVerb } from '@dfr-ops/contracts';
import { UnreachableError } from './unreachable.ts';
import { unixHttp } from './unixHttp.ts';

export interface NginxAgentConnector {
  /** What nginx and its upstream are like now; touches nothing. */
  status(): Promise<AgentAnswer>;
  /** `nginx -t`; touches nothing. */
  test(): Promise<AgentAnswer>;
  /** `nginx -t`, then SIGHUP. */
  reload(): Promise<AgentAnswer>;
  /** Marks an upstream server as down, tests and reloads. */
  drain(server: string): Promise<AgentAnswer>;
  /** Takes the mark off one server, or off every one. */
  undrain(server: string | null): Promise<AgentAnswer>;
  close(): Promise<void>;
}

/** The agent beside nginx, over its unix socket. What the agent refuses comes back as `ok: false` with its words. */
export function connectNginxAgent(socketPath: string): NginxAgentConnector {
  const http = unixHttp(socketPath, 'The agent beside nginx');
  const call = async (verb: AgentVerb, body?: unknown): Promise<AgentAnswer> => {
    const answer = await http.ask('POST', `/v1/${verb}`, { body: body ?? {}, timeoutMs: 20_000 });
    const parsed = AgentAnswer.safeParse(answer.body);
    if (parsed.success) {
      return parsed.data;
    }
    const problem = Problem.safeParse(answer.body);
    throw new UnreachableError(
      problem.success
        ? `The agent beside nginx refused ${verb}: ${problem.data.what} ${problem.data.why}`
        : `The agent beside nginx answered ${verb} with status ${answer.status} and nothing that could be read.`
    );
  };
  return {
    status: () => call('status'),
    test: () => call('test'),
    reload: () => call('reload'),
    drain: (server) => call('drain', { server }),
    undrain: (server) => call('undrain', { server }),
    close: http.close,
  };
}
