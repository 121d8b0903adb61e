import {
  chmodSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { fileProblem } from '../problem.ts';
import { renderProvisioning } from '../provision/render.ts';
import type { Values } from '../provision/values.ts';
import {
  deriveComposeSecrets,
  keepComposeSecrets,
  secure,
  type ComposeSecrets,
  type KeptSecret,
  type Owner,
} from './composeSecrets.ts';
import {
  composeFolder,
  containerUser,
  dockerGroup,
  readOwnSettings,
  writeSettings,
  type ComposeProfile,
  type ComposeSettings,
} from './composeSettings.ts';
import { composeOverrides, settingsFromValues } from './composeValues.ts';

/** Folders of data, one per server that keeps any. Owned by whom the containers run as. */
export const dataFolders = [
  'alertmanager',
  'alertmanager-2',
  'alloy',
  'backup',
  'console',
  'grafana',
  'grafana/plugins',
  // Docker would make this one as root, to mount the bundle there.
  'grafana/plugins/dfr-ops-app',
  'log',
  'loki',
  'mail-sink',
  'nginx',
  'nginx/log',
  'nginx/run',
  'nginx/temp',
  'odoo',
  'postgres',
  'prometheus',
  'sms-sink',
  'store',
] as const;

/** Includes of Nginx that the agent writes: what was chosen and blocked outlives another preparation. */
const keptIncludes = ['limit.conf', 'deny.conf'];

export interface Prepared {
  folder: string;
  profile: ComposeProfile;
  values: Values;
  secrets: ComposeSecrets;
  settings: ComposeSettings;
}

export interface PrepareRequest {
  /** Where docker-compose.yaml, provisioning/ and docker/ are read from. */
  from: string;
  /** Where `.env` is, and from where DFR_OPS_DIR is taken. The same folder, but in tests. */
  root: string;
  profile: ComposeProfile;
}

/**
 * Makes everything that docker-compose.yaml mounts: secrets (kept from an earlier time), rendered configuration, folders
 * of data; and writes what it found out into `.env`. It needs no engine, and may be run again at any time.
 */
export async function prepareCompose({ from, root, profile }: PrepareRequest): Promise<Prepared> {
  const own = readOwnSettings(root);
  const owner = containerUser(own);
  const folder = composeFolder(root, own);
  const before = process.umask(0o077);
  try {
    const secrets = makeFolders(folder, owner);
    const config = join(folder, 'config');
    const { values } = await renderProvisioning({
      profile: profile === 'demo' ? 'demo' : 'production',
      overrides: composeOverrides(profile, own, secrets),
      out: config,
      from: join(from, 'provisioning'),
    });
    arrange(from, folder, config, values);
    deriveComposeSecrets(secrets, owner, values, readDatasources(config, secrets));
    give(config, owner);
    for (const name of ['odoo-upstream.conf', ...keptIncludes]) {
      secure(join(folder, 'data/nginx', name), 0o600, owner);
    }
    const found = {
      DFR_OPS_UID: String(owner.uid),
      DFR_OPS_GID: String(owner.gid),
      DFR_OPS_DOCKER_GID: String(dockerGroup(own)),
      ...settingsFromValues(profile, values, own),
    };
    writeSettings(root, found);
    return { folder, profile, values, secrets, settings: { ...found, ...own } };
  } finally {
    process.umask(before);
  }
}

function makeFolders(folder: string, owner: Owner): ComposeSecrets {
  try {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    for (const name of ['data', ...dataFolders.map((one) => `data/${one}`), 'config']) {
      mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
      secure(join(folder, name), 0o700, owner);
    }
    return keepComposeSecrets(join(folder, 'secrets'), owner);
  } catch (error) {
    throw fileProblem('compose', folder, error);
  }
}

/** Puts beside the rendered files what a container wants in one folder of its own. */
function arrange(from: string, folder: string, config: string, values: Values): void {
  const docker = join(from, 'docker');
  for (const name of ['grafana', 'postgres-init', 'store-init', 'odoo', 'policy']) {
    emptyFolder(join(config, name));
  }
  cpSync(join(docker, 'postgres/init-dfr.sql'), join(config, 'postgres-init/init-dfr.sql'));
  const scripts = [
    'dfr-ops.sql',
    'dfr-ops.demo.sql',
    'dfr-ops-maintenance.sql',
    'dfr-monitor.sql',
    'odoo-limit.sql',
    'dfr-backup.sql',
  ];
  for (const name of scripts) {
    cpSync(join(config, 'postgres', name), join(config, 'postgres-init/sql', name));
  }
  cpSync(join(docker, 'postgres/start.sh'), join(config, 'postgres/start.sh'));
  cpSync(join(docker, 'postgres/init-store.sql'), join(config, 'store-init/init-store.sql'));
  cpSync(join(docker, 'postgres/store-owner.sql'), join(config, 'store-init/sql/store-owner.sql'));
  cpSync(join(docker, 'odoo'), join(config, 'odoo'), { recursive: true });
  for (const name of ['odoo', 'postgres']) {
    cpSync(join(docker, 'keepLog.sh'), join(config, name, 'keepLog.sh'));
  }
  for (const name of ['policy.yaml', 'policy.demo.yaml']) {
    cpSync(join(config, name), join(config, 'policy', name));
  }
  for (const name of ['datasources', 'plugins']) {
    cpSync(join(config, name), join(config, 'grafana', name), { recursive: true });
  }
  // Folders that Grafana and Loki's ruler look into, and take for an error when they are not there.
  for (const name of ['grafana/dashboards', 'grafana/alerting', 'loki/rules']) {
    mkdirSync(join(config, name), { recursive: true });
  }
  cpSync(join(config, 'nginx/conf.d/odoo-upstream.conf'), join(folder, 'data/nginx/odoo-upstream.conf'));
  for (const name of keptIncludes) {
    cpSync(join(config, 'nginx/conf.d', name), join(folder, 'data/nginx', name), { force: false });
  }
  for (const name of ['prometheus', 'alertmanager'] as const) {
    const health = { basic_auth: { username: values[name].user, password_file: values.files[`${name}Password`] } };
    writeFileSync(join(config, name, 'health.yml'), stringify(health));
  }
}

/** Keeps the folder itself: a container that runs has it mounted, and would see nothing of another one. */
function emptyFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  readdirSync(path).forEach((name) => rmSync(join(path, name), { recursive: true }));
}

/** Grafana's datasources as the console reads them: secrets in the places where Grafana reads their files. */
function readDatasources(config: string, secrets: ComposeSecrets): object[] {
  const text = readFileSync(join(config, 'datasources/dfr.yaml'), 'utf8');
  const filled = text.replace(/\$__file\{\/run\/secrets\/(\w+)\}/g, (_all, name: KeptSecret) => secrets.read(name));
  return (parse(filled) as { datasources: object[] }).datasources;
}

/** All of it readable by its owner only, who is whom the containers run as. */
function give(path: string, owner: Owner): void {
  if (process.getuid?.() !== 0 || !existsSync(path)) {
    return;
  }
  lchownSync(path, owner.uid, owner.gid);
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(path, entry), owner.uid, owner.gid);
  }
}
