import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Datasource, parseDatasources } from './datasources/datasource.ts';

/** Everything that the host is told from outside. Folders are absolute. */
export interface HostConfig {
  listen: { host: string; port: number };
  /** The address in people's browsers; issuer of identity tokens. Without a trailing slash. */
  publicUrl: string;
  /** `links`: one-time links, for the demonstration. `password`: the break-glass console. */
  access: 'links' | 'password';
  /** Audience of the identity tokens. */
  audience: string;
  /** Hashes of the console's passwords. */
  passwordFile: string;
  /** Asked of whoever wants a login link made; null: nobody gets one. */
  secret: string | null;
  /** The built plugin bundle: holds the app's plugin.json. */
  bundleDir: string;
  dashboardsDir: string;
  /** Where signing keys live on; created with mode 0700. */
  dataDir: string;
  datasources: Datasource[];
  /** Shown above every page; empty: none. */
  banner: string;
  /** The built page of the host itself. */
  pageDir: string;
}

/** In the data folder, where HOST_PASSWORD_FILE does not say otherwise. */
export const passwordFileName = 'console-passwords.json';

/** Reads the environment; the only place that does. Throws an Error with a one-line message that names the variable. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): HostConfig {
  const need = (name: string): string => {
    const value = env[name];
    if (!value) {
      throw new Error(`${name} is not set. Set it as packages/host/README.md describes.`);
    }
    return value;
  };
  const access = env.HOST_ACCESS || 'links';
  if (access !== 'links' && access !== 'password') {
    throw new Error(`HOST_ACCESS is "${access}"; it must be links or password.`);
  }
  return {
    access,
    audience: env.HOST_AUDIENCE || (access === 'password' ? 'dfr-ops-console' : 'org:1'),
    passwordFile: path.resolve(env.HOST_PASSWORD_FILE || path.join(need('HOST_DATA_DIR'), passwordFileName)),
    listen: parseListen(need('HOST_LISTEN')),
    publicUrl: parsePublicUrl(need('HOST_PUBLIC_URL')),
    secret: access === 'links' ? readSecret('HOST_SECRET_FILE', need('HOST_SECRET_FILE')) : null,
    bundleDir: existingFolder('HOST_DIST', need('HOST_DIST')),
    dashboardsDir: existingFolder('HOST_DASHBOARDS', need('HOST_DASHBOARDS')),
    dataDir: path.resolve(need('HOST_DATA_DIR')),
    datasources: readDatasources(need('HOST_DATASOURCES_FILE')),
    banner: env.HOST_BANNER ?? '',
    pageDir: path.resolve(import.meta.dirname, '../dist'),
  };
}

function parseListen(value: string): HostConfig['listen'] {
  const match = /^(.+):(\d{1,5})$/.exec(value);
  const [, host, port] = match ?? [];
  if (!host || !port || Number(port) > 65535) {
    throw new Error(`HOST_LISTEN is "${value}"; it must be an address and a port, as 127.0.0.1:3000.`);
  }
  return { host, port: Number(port) };
}

function parsePublicUrl(value: string): string {
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.hash) {
    throw new Error(`HOST_PUBLIC_URL is "${value}"; it must be an http or https address without a path.`);
  }
  return url.origin;
}

function readSecret(name: string, file: string): string {
  const secret = readText(name, file).trim();
  if (secret.length < 16) {
    throw new Error(`${name}: ${file} holds fewer than 16 characters. Write a random secret into it.`);
  }
  return secret;
}

function readDatasources(file: string): Datasource[] {
  const text = readText('HOST_DATASOURCES_FILE', file);
  try {
    return parseDatasources(JSON.parse(text));
  } catch (cause) {
    throw new Error(`HOST_DATASOURCES_FILE: ${file}: ${(cause as Error).message}`, { cause });
  }
}

function readText(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${name}: cannot read ${file} (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
}

function existingFolder(name: string, value: string): string {
  const folder = path.resolve(value);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`${name}: ${folder} is not a folder.`);
  }
  return folder;
}
