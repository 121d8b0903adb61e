import { join } from 'node:path';
import { wayIn } from '../drills/pageSession.ts';
import { basicAuthHeader } from '../httpProbe.ts';
import { isAlive } from '../process/identity.ts';
import { readSecret, type StackFile } from '../stackFile.ts';
import { failed, ok, type Finding } from './check.ts';
import type { Installation } from './installation.ts';

/** The stack that `npm start` runs on this machine. */
export function nativeInstallation(stack: StackFile): Installation {
  const { addresses, credentials, dataDir } = stack;
  const basic = ({ user, passwordFile }: { user: string; passwordFile: string }) => ({
    authorization: basicAuthHeader({ user, password: readSecret(passwordFile) }),
  });
  const service = {
    name: 'The action service',
    url: addresses.actionService,
    headers: { 'x-dfr-ops-secret': readSecret(credentials.serviceSecretFile) },
  };
  const hasLoki = stack.parts.some(({ name }) => name === 'loki');
  const urls = [addresses.alertmanager].flat();
  return {
    kind: 'native',
    title: `native stack on ${dataDir}`,
    config: join(dataDir, 'config'),
    prometheus: { name: 'Prometheus', url: addresses.prometheus, headers: basic(credentials.prometheus) },
    alertmanagers: urls.map((url, index) => ({
      name: urls.length === 1 ? 'Alertmanager' : `Alertmanager ${index + 1}`,
      url,
      headers: basic(credentials.alertmanager),
    })),
    logs: { name: hasLoki ? 'Loki' : 'Log store', url: addresses.logStore, headers: {} },
    startedAt: new Date(stack.startedAt),
    hasRuler: hasLoki,
    service: { read: service, act: service },
    parts: async () => stack.parts.map(judgePart),
    data: dataDir,
    mailSink: addresses.mailSink,
    smsSink: addresses.smsSink,
    logOf: (part) => join(dataDir, 'logs', `${part === 'loki' && !hasLoki ? 'log-store' : part}.log`),
    reload: 'stop and start again with npm start',
    login: () => wayIn(stack, 'admin'),
  };
}

function judgePart({ name, process, container, logFile }: StackFile['parts'][number]): Finding {
  if (process && isAlive(process)) {
    return ok(name, `process ${process.pid}`);
  }
  const mending = container ? 'Its alert offers the action that mends it.' : 'npm start starts it again by itself.';
  return failed(name, 'It does not run.', `${mending} Log: ${logFile}`);
}
