import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeScratchNginx, type ScratchNginx } from '../../../agent/src/test/scratchNginx.ts';
import type { Action, ActionContext } from '../actions/action.ts';
import { connectNginxAgent, type NginxAgentConnector } from '../connectors/nginxAgent.ts';
import { actionUnderTest } from './actionUnderTest.ts';
import { waitUntil } from './startServer.ts';

const main = fileURLToPath(new URL('../../../agent/src/main.ts', import.meta.url));

/** A real nginx with the real agent beside it, reached as the service reaches it. Nginx does not run yet. */
export async function startNginxUnderTest(environment: Record<string, string> = {}) {
  const nginx = await makeScratchNginx();
  const socket = join(nginx.folder, 'agent.sock');
  const agent = startAgent(nginx, { AGENT_SOCKET: socket, ...environment });
  const connector = connectNginxAgent(socket);
  await waitUntil(() => answers(connector), 'the agent');
  const connectors = { nginxAgent: connector };
  const use = (action: Action, bounds: object = {}, alert: ActionContext['alert'] = null) =>
    actionUnderTest(action, { connectors, bounds, alert });
  return {
    ...nginx,
    connector,
    use,
    /** Kills the agent, as a crash would. */
    killAgent: () => kill(agent),
    async stop() {
      await kill(agent);
      await connector.close();
      await nginx.remove();
    },
  };
}

export type NginxUnderTest = Awaited<ReturnType<typeof startNginxUnderTest>>;

function startAgent({ files }: ScratchNginx, environment: Record<string, string>): ChildProcess {
  const env = {
    NGINX_BIN: files.binary,
    NGINX_PREFIX: files.prefix,
    NGINX_CONF: files.conf,
    NGINX_PID_FILE: files.pidFile,
    NGINX_UPSTREAM_INCLUDE: files.upstreamInclude,
    NGINX_ERROR_LOG: files.errorLog,
    AGENT_ACCESS_LOG: files.accessLog ?? '',
    NGINX_MAINTENANCE_FLAG: files.maintenanceFlag ?? '',
    NGINX_LIMITS_FOLDER: files.limits?.folder ?? '',
    NGINX_LIMIT_INCLUDE: files.limits?.include ?? '',
    NGINX_DENY_INCLUDE: files.denyInclude ?? '',
    NGINX_NEVER_BLOCK: files.neverBlock.join(','),
    ...environment,
  };
  return spawn(process.execPath, [main], { stdio: 'ignore', env });
}

function answers(connector: NginxAgentConnector): Promise<boolean> {
  return connector.status().then(
    () => true,
    () => false
  );
}

async function kill(agent: ChildProcess): Promise<void> {
  if (agent.exitCode === null && agent.signalCode === null) {
    const ended = once(agent, 'exit');
    agent.kill('SIGKILL');
    await ended;
  }
}
