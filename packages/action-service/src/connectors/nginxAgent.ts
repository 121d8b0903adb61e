import { AgentAnswer, Problem, type AgentBody, type AgentVerb } from '@dfr-ops/contracts';
import { UnreachableError } from './unreachable.ts';
import { mutualTlsHttp, unixHttp, type MutualTls } from './unixHttp.ts';

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
  /** `nginx -t`, then spawns it. */
  start(): Promise<AgentAnswer>;
  /** The maintenance page for so many seconds, without a reload. */
  maintenanceOn(seconds: number): Promise<AgentAnswer>;
  maintenanceOff(): Promise<AgentAnswer>;
  /** Puts a prepared limit into nginx's include, tests and reloads. */
  rateLimit(limit: string): Promise<AgentAnswer>;
  /** Whether an address or a network may be blocked; touches nothing. */
  checkIp(address: string): Promise<AgentAnswer>;
  /** 403 for an address or a network for so many seconds; tests and reloads. */
  blockIp(address: string, seconds: number): Promise<AgentAnswer>;
  unblockIp(address: string): Promise<AgentAnswer>;
  /** Puts nginx's logs aside and has it open new ones. */
  rotateLogs(): Promise<AgentAnswer>;
  close(): Promise<void>;
}

/** The agent beside nginx, over its unix socket or over mutual TLS. What the agent refuses comes back as `ok: false` with its words. */
export function connectNginxAgent(way: string | MutualTls): NginxAgentConnector {
  const name = 'The agent beside nginx';
  const http = typeof way === 'string' ? unixHttp(way, name) : mutualTlsHttp(way, name);
  const call = async <V extends AgentVerb>(verb: V, body?: AgentBody<V>): Promise<AgentAnswer> => {
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
    start: () => call('start'),
    maintenanceOn: (seconds) => call('maintenance-on', { seconds }),
    maintenanceOff: () => call('maintenance-off'),
    rateLimit: (limit) => call('rate-limit', { limit }),
    checkIp: (address) => call('check-ip', { address }),
    blockIp: (address, seconds) => call('block-ip', { address, seconds }),
    unblockIp: (address) => call('unblock-ip', { address }),
    rotateLogs: () => call('rotate-logs'),
    close: http.close,
  };
}
