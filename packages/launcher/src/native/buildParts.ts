import { build, buildTargets, whyBuild, type BuildTarget } from '../bundle/buildBundle.ts';
import { logFileOf, repoRoot, type Context } from './context.ts';
import type { Part } from './startParts.ts';

/** The plugin bundle and the page, built when their sources are newer. One after the other: each takes all processors. */
export function buildParts(context: Context, mayBuild: boolean): Part[] {
  const { bundle, hostPage } = buildTargets(repoRoot);
  return [part(context, bundle, mayBuild, []), part(context, hostPage, mayBuild, [bundle.name])];
}

function part(context: Context, target: BuildTarget, mayBuild: boolean, needs: string[]): Part {
  return {
    title: target.name,
    needs,
    start: async () => {
      const why = whyBuild(target);
      if (why === null || !mayBuild) {
        return why === null ? 'as built before' : `as built before, though ${why} (--skip-build)`;
      }
      await build(target, repoRoot, logFileOf(context, target.name.replaceAll(' ', '-')));
      return `built: ${why}`;
    },
  };
}
