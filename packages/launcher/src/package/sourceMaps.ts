import { posix } from 'node:path';
import { type Bundle, type BundleFile, fileOf } from './readBundle.ts';

export interface Source {
  /** As webpack names it: `webpack://<package>/./pages/…` is of src, `…/../node_modules/…` a library's. */
  name: string;
  text: string;
  /** The script that it ended up in. */
  script: string;
}

export function scriptsOf(bundle: Bundle): BundleFile[] {
  return bundle.files.filter(({ path }) => path.endsWith('.js'));
}

/** The sources of a script, out of the map that it names; null when there is no such map, or one without its sources. */
export function sourcesOf(bundle: Bundle, script: BundleFile): Source[] | null {
  const name = /\/\/# sourceMappingURL=([^\s?]+)(\?\S*)?\s*$/.exec(script.bytes.toString('utf8'))?.[1];
  const file = name ? fileOf(bundle, posix.join(posix.dirname(script.path), name)) : undefined;
  const map = file ? parsed(file.bytes.toString('utf8')) : null;
  if (!map?.sources || map.sourcesContent?.length !== map.sources.length) {
    return null;
  }
  return map.sources.map((source, index) => ({
    name: source,
    text: map.sourcesContent?.[index] ?? '',
    script: script.path,
  }));
}

export function allSources(bundle: Bundle): Source[] {
  return scriptsOf(bundle).flatMap((script) => sourcesOf(bundle, script) ?? []);
}

function parsed(text: string): { sources?: string[]; sourcesContent?: Array<string | null> } | null {
  try {
    return JSON.parse(text) as { sources?: string[]; sourcesContent?: Array<string | null> };
  } catch {
    return null;
  }
}
