import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { answers } from '../httpProbe.ts';
import type { DeepPartial, Values } from '../provision/values.ts';
import { local, localUrl, newProcess, rendered, type Context } from './context.ts';
import { privateFolder, type DataFolders } from './dataFolders.ts';
import type { Ports } from './ports.ts';
import type { Part } from './startParts.ts';
import { stopStage } from './supervisor.ts';

const rulerFile = (folders: DataFolders): string => join(folders.secrets, 'loki-ruler.yaml');

/** Where Loki listens and what it reads here. */
export function lokiOverrides(ports: Ports, folders: DataFolders): DeepPartial<Values> {
  return {
    files: { lokiRuler: rulerFile(folders) },
    loki: {
      listen: '127.0.0.1',
      port: ports.logStore,
      grpcPort: ports.lokiGrpc,
      dataDirectory: folders.of('loki'),
      rulesDirectory: join(folders.config, 'loki/rules'),
    },
  };
}

/** A real Loki in the place of the log store and at its address. `command`: where the program is. */
export function lokiPart(context: Context, command: string): Part {
  const { ports, folders } = context;
  const child = newProcess(
    context,
    {
      name: 'loki',
      command,
      args: [`-config.file=${rendered(context, 'loki/config.yaml')}`],
      env: {},
      cwd: privateFolder(folders.of('loki')),
      restart: 'backoff',
    },
    stopStage.sinks
  );
  return {
    title: 'Loki',
    needs: [],
    start: async () => {
      writeRulerFile(context);
      child.start();
      await child.waitUntil(() => answers(`${localUrl(ports.logStore)}/ready`, { status: 200 }), 60);
      return local(ports.logStore);
    },
  };
}

/** How the ruler reaches Alertmanager: Loki reads no password file, so the whole of it stands in one that is as secret. */
function writeRulerFile({ folders, ports, secrets, values }: Context): void {
  const ruler = {
    alertmanager_url: localUrl(ports.alertmanager),
    enable_alertmanager_v2: true,
    alertmanager_client: {
      basic_auth_username: values.alertmanager.user,
      basic_auth_password: secrets.read('alertmanager'),
    },
  };
  const file = rulerFile(folders);
  writeFileSync(file, stringify({ overrides: { fake: { ruler_alertmanager_config: ruler } } }), { mode: 0o600 });
  chmodSync(file, 0o600);
}
