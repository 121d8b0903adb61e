import type { SourceHealth } from '@dfr-ops/contracts';
import type { Connectors, TargetNames } from '../actions/action.ts';

const everyMs = 5000;

/** Asks every target now and then whether it answers: for the health page, without making that page wait. */
export function watchTargets(connectors: Connectors, names: TargetNames, now: () => Date) {
  const states = new Map<string, SourceHealth>();
  const probes = probesOf(connectors, names);
  for (const { name, kind } of probes) {
    states.set(name, { name, kind, ok: false, error: 'not asked yet', checkedAt: null });
  }
  const look = async () => {
    await Promise.all(
      probes.map(async ({ name, kind, ask }) => {
        const error = await ask().then(
          () => null,
          (failure: Error) => failure.message
        );
        states.set(name, { name, kind, ok: error === null, error, checkedAt: now().toISOString() });
      })
    );
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    sources: () => [...states.values()],
    start() {
      void look();
      timer = setInterval(() => void look(), everyMs);
    },
    stop: () => clearInterval(timer),
  };
}

function probesOf({ postgres, docker, nginxAgent, odoo, backup }: Connectors, names: TargetNames) {
  const probes: Array<{ name: string; kind: SourceHealth['kind']; ask: () => Promise<unknown> }> = [];
  if (postgres) {
    probes.push({ name: names.postgres, kind: 'postgresql', ask: () => postgres.headroom() });
  }
  if (docker) {
    probes.push({ name: 'docker', kind: 'docker', ask: () => docker.inspect(names.odoo) });
  }
  if (nginxAgent) {
    probes.push({ name: `agent of ${names.nginx}`, kind: 'agent', ask: () => nginxAgent.status() });
  }
  if (backup) {
    probes.push({ name: `program of ${names.backup}`, kind: 'agent', ask: () => backup.status() });
  }
  if (odoo) {
    const ask = async () => {
      const { ok, detail } = await odoo.health();
      if (!ok) {
        throw new Error(detail);
      }
    };
    probes.push({ name: names.odoo, kind: 'odoo', ask });
  }
  return probes;
}
