import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { basicAuthHeader } from '../httpProbe.ts';
import type { Profile } from '../provision/loadValues.ts';
import { renderProvisioning } from '../provision/render.ts';
import { NotChecked } from './check.ts';
import type { Server } from './ask.ts';
import type { Installation } from './installation.ts';

export interface ValuesRequest {
  profile: Profile;
  /** Where the values come from; the repository's provisioning/ by default. */
  from?: string;
  /** Folder with the secret files under their own names, where they are not at the places that the values name. */
  secrets?: string | undefined;
  /** Folder that the servers were given; by default what the values render now. */
  config?: string | undefined;
}

/** Servers of one's own, at the addresses of provisioning/values. `close` removes what was rendered to compare with. */
export async function valuesInstallation(
  request: ValuesRequest
): Promise<Installation & { close: () => Promise<void> }> {
  const out = await mkdtemp(join(tmpdir(), 'dfr-ops-doctor-'));
  const close = () => rm(out, { recursive: true, force: true });
  const { values } = await renderProvisioning({
    profile: request.profile,
    out,
    ...(request.from && { from: request.from }),
  }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const secret = async (file: string) => {
    const path = request.secrets ? join(request.secrets, basename(file)) : file;
    const text = await readFile(path, 'utf8').catch(() => null);
    return { path, value: text?.trim() ?? null };
  };
  const server = async (name: string, address: string, user: string, file: string): Promise<Server> => {
    const { path, value } = await secret(file);
    return value === null
      ? { name, url: `http://${address}`, headers: {}, withoutPassword: `its password file ${path} cannot be read` }
      : { name, url: `http://${address}`, headers: { authorization: basicAuthHeader({ user, password: value }) } };
  };
  const { addresses, files, prometheus, alertmanager } = values;
  const urls = [addresses.alertmanager].flat();
  const routeSecret = await secret(files.serviceSecret);
  const service = routeSecret.value && {
    name: 'The action service',
    url: `http://${addresses.service}`,
    headers: { 'x-dfr-ops-secret': routeSecret.value },
  };
  return {
    kind: 'values',
    title: `servers of provisioning/values, profile ${request.profile}`,
    config: request.config ?? out,
    prometheus: await server('Prometheus', addresses.prometheus, prometheus.user, files.prometheusPassword),
    alertmanagers: await Promise.all(
      urls.map((url, index) => {
        const name = urls.length === 1 ? 'Alertmanager' : `Alertmanager ${index + 1}`;
        return server(name, url, alertmanager.user, files.alertmanagerPassword);
      })
    ),
    logs: { name: 'Loki', url: `http://${addresses.loki}`, headers: {} },
    startedAt: null,
    hasRuler: true,
    service: service ? { read: service, act: service } : null,
    parts: () =>
      Promise.reject(new NotChecked('the servers are not started by us', 'Their scrape targets tell instead.')),
    data: null,
    mailSink: null,
    smsSink: null,
    logOf: (part) => `the log of ${part}`,
    reload: 'give the servers the rendered files and have them read them anew (SIGHUP)',
    login: async () => ({ url: values.site.publicUrl, how: 'sign in to Grafana' }),
    close,
  };
}
