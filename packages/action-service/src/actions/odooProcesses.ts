import type { Precondition } from '@dfr-ops/contracts';
import { DockerRefusal, type ContainerProcess, type DockerConnector } from '../connectors/docker.ts';
import { countHttpWorkers } from '../connectors/countHttpWorkers.ts';
import { clockTime } from '../clockTime.ts';
import { ActionRefused, type ActionContext, type Connectors } from './action.ts';
import { odooOf } from './odooAnswers.ts';

/** Why Odoo's main process cannot be sent a signal in this installation; null when it can. */
export function lackingSignals({ docker, odoo }: Pick<Connectors, 'docker' | 'odoo'>): string | null {
  if (!docker) {
    return 'the service was not told how to reach Docker (DOCKER_SOCKET)';
  }
  return odoo ? null : 'the service was not told how to reach Odoo (ODOO_URL)';
}

export function dockerOf({ connectors }: Pick<ActionContext, 'connectors'>): DockerConnector {
  return connectors.docker as DockerConnector;
}

/** Sends a signal to the main process of Odoo's container. Throws ActionRefused when the engine did not send it. */
export async function signalOdoo(
  context: ActionContext,
  signal: Parameters<DockerConnector['kill']>[1]
): Promise<void> {
  try {
    await dockerOf(context).kill(context.names.odoo, signal);
  } catch (error) {
    if (error instanceof DockerRefusal && error.status < 500) {
      throw new ActionRefused(`Docker refused: ${error.message}`, 'Look at the container on its host.', {
        cause: error,
      });
    }
    throw error;
  }
}

export interface OdooProcesses {
  /** Odoo forks processes at all (`workers` is set). */
  prefork: boolean;
  /** Odoo is the container's first process; an init before it (docker run --init) keeps SIGTTIN and SIGTTOU to itself. */
  first: boolean;
  /** Those that it forked, whatever they do. */
  forked: ContainerProcess[];
  /** How many of them answer requests. */
  workers: number;
}

/** What runs in Odoo's container. Throws as the Docker connector does, e.g. while the container does not run. */
export async function readProcesses(context: ActionContext): Promise<OdooProcesses> {
  const processes = await dockerOf(context).processes(context.names.odoo);
  const families = processes.map((main) => {
    const children = processes.filter((one) => one.parent === main.pid);
    const isForked = ({ command }: ContainerProcess) => command.startsWith('odoo: Worker') || command === main.command;
    return {
      forked: children.filter(isForked),
      // Its own process for websockets is there as soon as `workers` is set, also when all workers are gone.
      first: !processes.some((one) => one.pid === main.parent),
      prefork: children.some((one) => isForked(one) || /\bgevent\b/.test(one.command)),
    };
  });
  const family = families.find(({ prefork }) => prefork) ?? { forked: [], prefork: false, first: true };
  const rows = processes.map(({ pid, parent, command }) => [String(pid), String(parent), command]);
  const workers =
    countHttpWorkers({ titles: ['PID', 'PPID', 'CMD'], processes: rows }, odooOf(context).cronWorkers) ?? 0;
  return { ...family, workers };
}

export async function containerPrecondition(context: ActionContext): Promise<Precondition> {
  const name = context.names.odoo;
  const container = await dockerOf(context).inspect(name);
  const detail = container.running
    ? `${name} runs since ${clockTime(container.startedAt)}.`
    : `${name} is ${container.status} (exit code ${container.exitCode}): it must be started (odoo.restart), not signalled.`;
  return { name: 'The container runs', ok: container.running, detail };
}

/** What there is while the container does not run. */
export const noProcesses: OdooProcesses = { prefork: false, first: true, forked: [], workers: 0 };

export function preforkPrecondition({ prefork, first, workers }: OdooProcesses): Precondition {
  const name = 'Odoo runs with workers, and hears of them';
  if (!prefork) {
    return { name, ok: false, detail: 'It is one process: set `workers` in its configuration and restart it.' };
  }
  return first
    ? { name, ok: true, detail: `${workers} answer requests.` }
    : {
        name,
        ok: false,
        detail: "Another process is the container's first, and does not pass this signal on: see --init.",
      };
}

export const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`;
