import { readFileSync } from 'node:fs';
import type { GrafanaApi } from './grafanaApi.ts';
import { StartProblem } from '../problem.ts';

/** An entry of `datasources` in a provisioning file, as far as ours use it. */
export type ProvisionedDatasource = {
  uid: string;
  name: string;
  type: string;
  url?: string;
  jsonData?: Record<string, unknown>;
  secureJsonData?: Record<string, string>;
  [field: string]: unknown;
};

/**
 * Sets datasources through the API of a Grafana whose files we do not write. One of our uid that is provisioned from
 * that Grafana's own files cannot be set, and is left alone when it already points to where ours does.
 */
export async function provisionDatasources(
  api: GrafanaApi,
  datasources: readonly ProvisionedDatasource[]
): Promise<void> {
  for (const datasource of datasources) {
    const found = await api.find<ProvisionedDatasource & { readOnly: boolean }>(
      `/api/datasources/uid/${datasource.uid}`
    );
    if (found?.readOnly) {
      mustBeTheSame(found, datasource);
      continue;
    }
    // The default is somebody's choice in their Grafana.
    const body = { ...datasource, isDefault: false, secureJsonData: readSecrets(datasource.secureJsonData ?? {}) };
    await (found ? api.put(`/api/datasources/uid/${datasource.uid}`, body) : api.post('/api/datasources', body));
  }
}

function mustBeTheSame(found: ProvisionedDatasource, wanted: ProvisionedDatasource): void {
  const place = (one: ProvisionedDatasource) => one.url || one.jsonData?.['serviceUrl'];
  if (place(found) !== place(wanted)) {
    throw new StartProblem(
      'Grafana',
      `its datasource ${wanted.uid} is provisioned from its own files and points to ${place(found)}, not to ${place(wanted)}`,
      'Take that datasource out of its provisioning, or use a Grafana of your own for this.'
    );
  }
}

/** `$__file{path}` is the file's content, as Grafana reads its own provisioning files. */
function readSecrets(secrets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([key, value]) => {
      const file = /^\$__file\{(.+)\}$/.exec(value)?.[1];
      return [key, file ? readFileSync(file, 'utf8').trim() : value];
    })
  );
}
