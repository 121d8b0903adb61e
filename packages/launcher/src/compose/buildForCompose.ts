import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, buildTargets, whyBuild } from '../bundle/buildBundle.ts';

/** Builds the plugin bundle, which Grafana and the console mount, and the console's page, where their sources are newer. */
export async function buildForCompose(root: string, folder: string): Promise<void> {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  for (const target of Object.values(buildTargets(root))) {
    const why = whyBuild(target);
    if (why !== null) {
      console.log(`Building the ${target.name} (${why}) …`);
      await build(target, root, join(logs, `build-${target.name.replaceAll(' ', '-')}.log`));
    }
  }
}
