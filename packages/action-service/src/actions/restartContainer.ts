import type { EffectVerdict } from '@dfr-ops/contracts';
import { clockTime } from '../clockTime.ts';
import { DockerRefusal, type ContainerState, type DockerConnector } from '../connectors/docker.ts';
import { ActionRefused, type Connectors, type Narrator } from './action.ts';

/** Restarts a container, or starts it, and tells so; `what` is waited for by the caller. Throws ActionRefused when Docker refuses. */
export async function restartContainer(
  connectors: Connectors,
  container: string,
  graceSeconds: number,
  what: string,
  narrator: Narrator
): Promise<void> {
  await narrator.step(`Asking Docker to restart ${container}, with ${graceSeconds} s to finish`);
  try {
    await (connectors.docker as DockerConnector).restart(container, graceSeconds);
  } catch (error) {
    if (error instanceof DockerRefusal && error.status < 500) {
      throw new ActionRefused(`Docker refused: ${error.message}`, 'Look at the container on its host.', {
        cause: error,
      });
    }
    throw error;
  }
  await narrator.step(`Docker says that the container runs; waiting for ${what} to answer`);
}

/** What says that it was not restarted yet; null when it runs and was started after `shownStart` (ISO 8601). */
export function notRestarted(name: string, container: ContainerState, shownStart: string): EffectVerdict | null {
  if (!container.running) {
    return { state: 'pending', detail: `${name} is ${container.status} (exit code ${container.exitCode}).` };
  }
  if (container.startedAt.getTime() <= Date.parse(shownStart)) {
    const detail = `${name} still runs since ${clockTime(container.startedAt)}: not restarted.`;
    return { state: 'pending', detail };
  }
  return null;
}
