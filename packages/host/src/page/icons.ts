import { createRequire } from 'node:module';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { existsSync } from 'node:fs';

const strokes: Record<string, string> = {
  spinner: 'M12 3a9 9 0 1 0 9 9',
  'angle-double-left': 'M11.5 8l-4 4 4 4M17 8l-4 4 4 4',
  'angle-double-up': 'M8 11.5l4-4 4 4M8 17l4-4 4 4',
  home: 'M4 11l8-7 8 7v9h-6v-6h-4v6H4z',
  globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18zM3 12h18M12 3c5 6 5 12 0 18M12 3c-5 6-5 12 0 18',
  wrench: 'M14 7a4 4 0 0 1 5-3l-3 3 1 2 2 1 3-3a4 4 0 0 1-6 4l-8 8a2 2 0 0 1-3-3l8-8a4 4 0 0 1 1-1z',
  'heart-rate': 'M3 12h4l3-7 4 14 3-7h4',
  'pause-circle': 'M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18zM10 9v6M14 9v6',
  flask: 'M9 3h6M10 3v6l-5 10a1 1 0 0 0 1 2h12a1 1 0 0 0 1-2L14 9V3M8 14h8',
  exclamation: 'M12 4v10M12 19v.5',
  'file-export': 'M13 3H6v18h12V8zM13 3v5h5M10 14h8M15 11l3 3-3 3',
};
const plainRing = 'M12 6a6 6 0 1 0 0 12 6 6 0 1 0 0-12z';

/**
 * `/public/build/img/*` from @grafana/ui. Some icons that the library names are not in its npm package: those are drawn
 * here, and a plain ring stands for the rest, so that no page has holes.
 */
export function icons(app: FastifyInstance): void {
  const root = path.join(
    path.dirname(createRequire(import.meta.url).resolve('@grafana/ui/package.json')),
    'dist/public/img'
  );

  app.get<{ Params: { '*': string } }>('/public/build/img/*', async (request, reply) => {
    const [, folder, name] = /^icons\/(\w+)\/([\w-]+)\.svg$/.exec(request.params['*']) ?? [];
    if (folder && name && !existsSync(path.join(root, 'icons', folder, `${name}.svg`))) {
      return reply
        .type('image/svg+xml')
        .header('cache-control', 'public, max-age=86400')
        .send(drawn(strokes[name] ?? plainRing));
    }
    return reply.sendFile(request.params['*'], root, { maxAge: '1d' });
  });
}

function drawn(strokePath: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="${strokePath}" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
}
