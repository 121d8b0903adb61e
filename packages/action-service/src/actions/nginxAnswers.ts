import type { AgentAnswer, Precondition } from '@dfr-ops/contracts';
import type { NginxAgentConnector } from '../connectors/nginxAgent.ts';
import { ActionRefused, type ActionContext, type Connectors } from './action.ts';

/** Why nothing can be done to nginx in this installation; null when it can. */
export function lackingAgent({ nginxAgent }: Connectors): string | null {
  return nginxAgent
    ? null
    : 'the service was not told how to reach the agent beside nginx (NGINX_AGENT_SOCKET or NGINX_AGENT_URL)';
}

export function agentOf({ connectors }: ActionContext): NginxAgentConnector {
  return connectors.nginxAgent as NginxAgentConnector;
}

/** Throws with nginx's own words when the agent did not do it. The agent leaves everything as it was then. */
export function demandOk(answer: AgentAnswer, what: string): void {
  if (!answer.ok) {
    throw new ActionRefused(
      `${what} was not done, the old configuration goes on serving. nginx says: ${answer.output.trim() || '(nothing)'}`,
      'Mend the configuration at the place that nginx names, test it, then try again.'
    );
  }
}

export function testPrecondition(test: AgentAnswer): Precondition {
  return {
    name: 'nginx accepts the configuration (nginx -t)',
    ok: test.ok,
    detail: test.output.trim() || 'It says nothing against it.',
  };
}

export function runningPrecondition(status: AgentAnswer): Precondition {
  return {
    name: 'nginx runs',
    ok: status.running,
    detail: status.running ? `Its master is pid ${status.pid}.` : 'It does not run: it must be started, not reloaded.',
  };
}

/** The upstream servers as a table. */
export function upstreamTable({ upstream }: AgentAnswer) {
  return {
    columns: ['server', 'state'],
    rows: upstream.map(({ server, down }) => [server, down ? 'down' : 'in service']),
    total: upstream.length,
  };
}

/** Whether the agent was told of the files that a verb needs; `variable` is where it is told. */
export function toldPrecondition(known: unknown, what: string, variable: string): Precondition {
  return {
    name: `The agent knows ${what}`,
    ok: known !== undefined,
    detail: known === undefined ? `It was not told of it (${variable}), or is of an earlier version.` : 'It does.',
  };
}

/** `1 min`, `90 min`, `4 h`: as a person says a time that was chosen in minutes. */
export function minutesInWords(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}
