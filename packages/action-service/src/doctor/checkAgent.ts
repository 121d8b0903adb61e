import type { DoctorCheck } from '@dfr-ops/contracts';
import type { NginxAgentConnector } from '../connectors/nginxAgent.ts';
import { failed, ok, warning } from './findings.ts';

const name = 'Agent beside Nginx';

/** Whether the agent answers, `nginx -t` passes and the upstream include may be rewritten. Never throws. */
export async function checkAgent(agent: NginxAgentConnector | null): Promise<DoctorCheck> {
  if (!agent) {
    return warning(
      name,
      'Not checked, because the service has no agent: the actions on Nginx are not offered.',
      'Start the agent beside Nginx and set NGINX_AGENT_SOCKET of the action service, or NGINX_AGENT_URL and its certificates.'
    );
  }
  try {
    const answer = await agent.test();
    if (!answer.ok) {
      return failed(
        name,
        `It answers, and nginx -t fails: ${answer.output}`,
        'Correct the file that nginx names; until then it takes no new configuration.'
      );
    }
    if (!answer.running) {
      return failed(
        name,
        'It answers, and Nginx does not run.',
        'Start Nginx. NginxDown tells of it too, with its runbook.'
      );
    }
    if (answer.upstreamWritable === false || answer.upstream.length === 0) {
      return failed(
        name,
        answer.upstream.length === 0
          ? 'nginx -t passes; the upstream include names no server.'
          : 'nginx -t passes; the upstream include cannot be rewritten.',
        "Let the agent's user write the file of NGINX_UPSTREAM_INCLUDE and its folder."
      );
    }
    return ok(name, 'It answers, nginx -t passes, and the upstream include may be rewritten.');
  } catch (error) {
    return failed(name, (error as Error).message, "See whether the agent runs beside Nginx, and the agent's log.");
  }
}
