export type PortName =
  | 'host'
  | 'actionService'
  | 'prometheus'
  | 'alertmanager'
  | 'logStore'
  | 'odoo'
  | 'nginx'
  | 'nginxStatus'
  | 'postgresDfr'
  | 'postgresService'
  | 'mailSmtp'
  | 'mailHttp'
  | 'sms'
  | 'postgresExporter'
  | 'nginxExporter'
  | 'nodeExporter'
  | 'blackboxExporter'
  | 'sqlExporter'
  | 'mtail'
  | 'lokiGrpc'
  | 'backup';
export const startFlags: readonly { name: string; value?: string; text: string }[];
export const portOffsets: Readonly<Record<PortName, number>>;
export function startHelp(): string;
export function parseStartFlags(args: readonly string[]): {
  flags: Record<string, string | true>;
  error: string | null;
};
