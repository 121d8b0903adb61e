export const datasourceTypes = ['prometheus', 'loki', 'alertmanager', 'dfr-ops-datasource'] as const;
export type DatasourceType = (typeof datasourceTypes)[number];

/** A datasource as Grafana's provisioning writes it. `secureJsonData` never leaves this process but in proxied requests. */
export interface Datasource {
  uid: string;
  name: string;
  type: DatasourceType;
  /** Base address of the server; empty for a datasource whose routes name their own. */
  url: string;
  basicAuth: boolean;
  basicAuthUser: string;
  isDefault: boolean;
  jsonData: Record<string, unknown>;
  secureJsonData: Record<string, string>;
}

/** Reads the JSON of HOST_DATASOURCES_FILE. Throws an Error that names the entry and the field. */
export function parseDatasources(json: unknown): Datasource[] {
  if (!Array.isArray(json)) {
    throw new Error('must be a JSON array of datasources.');
  }
  const datasources = json.map((entry, index) => parseDatasource(entry, `entry ${index}`));
  const uids = datasources.map((datasource) => datasource.uid);
  const twice = uids.find((uid, index) => uids.indexOf(uid) !== index);
  if (twice) {
    throw new Error(`uid "${twice}" is used twice.`);
  }
  return datasources;
}

function parseDatasource(entry: unknown, where: string): Datasource {
  const record = asRecord(entry, where);
  const type = text(record, 'type', where) as DatasourceType;
  if (!datasourceTypes.includes(type)) {
    throw new Error(`${where}: type "${type}" is not known; known are ${datasourceTypes.join(', ')}.`);
  }
  return {
    uid: text(record, 'uid', where),
    name: text(record, 'name', where),
    type,
    url: parseAddress(record.url, where),
    basicAuth: record.basicAuth === true,
    basicAuthUser: typeof record.basicAuthUser === 'string' ? record.basicAuthUser : '',
    isDefault: record.isDefault === true,
    jsonData: asRecord(record.jsonData ?? {}, `${where}, jsonData`),
    secureJsonData: asTexts(record.secureJsonData ?? {}, `${where}, secureJsonData`),
  };
}

function parseAddress(value: unknown, where: string): string {
  if (value === undefined || value === '') {
    return '';
  }
  if (typeof value !== 'string' || !/^https?:$/.test(URL.parse(value)?.protocol ?? '')) {
    throw new Error(`${where}: url must be an http or https address.`);
  }
  return value.replace(/\/+$/, '');
}

function text(record: Record<string, unknown>, field: string, where: string): string {
  const value = record[field];
  if (typeof value !== 'string' || value === '') {
    throw new Error(`${where}: ${field} must be a text.`);
  }
  return value;
}

function asRecord(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${where} must be an object.`);
  }
  return value as Record<string, unknown>;
}

function asTexts(value: unknown, where: string): Record<string, string> {
  const record = asRecord(value, where);
  for (const [key, content] of Object.entries(record)) {
    if (typeof content !== 'string') {
      throw new Error(`${where}: ${key} must be a text.`);
    }
  }
  return record as Record<string, string>;
}
