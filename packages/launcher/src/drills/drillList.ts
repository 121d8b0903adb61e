export type DrillName = 'postgres-connections' | 'odoo-down' | 'nginx-502';

export type Drill = {
  name: DrillName;
  title: string;
  /** What is broken, and how, in a sentence. */
  fault: string;
  alert: string;
  /** The action that mends it. */
  action: string;
};

export const drills: readonly Drill[] = [
  {
    name: 'postgres-connections',
    title: 'PostgreSQL has no connection left',
    fault: "idle connections of Odoo's role are opened until PostgreSQL refuses the next one (53300)",
    alert: 'PostgresTooManyConnections',
    action: 'postgres.terminate-idle',
  },
  {
    name: 'odoo-down',
    title: 'Odoo is gone',
    fault: "Odoo's process is ended with SIGKILL",
    alert: 'OdooDown',
    action: 'odoo.restart',
  },
  {
    name: 'nginx-502',
    title: 'Nginx answers 502',
    fault: 'every server in its upstream include is marked `down` by hand, and it is reloaded',
    alert: 'NginxHigh5xxErrorRate',
    action: 'nginx.undrain',
  },
];

export function findDrill(name: string): Drill | undefined {
  return drills.find((drill) => drill.name === name);
}
