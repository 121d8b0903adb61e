import type { Finding, Rule } from './finding.ts';
import { allSources, scriptsOf, sourcesOf } from './sourceMaps.ts';

type Pattern = readonly [pattern: RegExp, cause: string];

const inScripts: readonly Pattern[] = [
  [/\bconsole\.(log|info|debug|table|dir|trace)\(/, 'it writes to the console'],
  [/webpack-internal:|\/livereload\.js/, 'it comes from a development build'],
  [/__SECRET_INTERNALS_DO_NOT_USE/, "it uses React's own internals"],
];

/** Grafana hands these to every plugin; a second copy breaks React's hooks, contexts and styles, and weighs. */
const handedByGrafana =
  /\/node_modules\/(react|react-dom|rxjs|lodash|moment|jquery|i18next|d3|redux|react-redux|react-router|@emotion\/(?:css|react)|@grafana\/(?:data|ui|runtime))\//;

/** What the catalogue's reviewers look for in sources; tests are no part of the source maps. */
const inOwnSources: readonly Pattern[] = [
  [/\bconsole\.(log|info|debug|table|dir|trace)\(/, 'writes to the console'],
  [/(?<![\w.])(window\.)?(alert|confirm|prompt)\(/, "opens one of the browser's own dialogs"],
  [/\bwindow\.location\.(search|href)\b/, 'reads window.location; locationService knows the same'],
  [/\bwindow\.(grafanaBootData|grafanaRuntime|__grafanaSceneContext)\b/, "reaches for Grafana's private globals"],
  [/\bwindow\.open\((?![^;]*noopener,noreferrer)/, 'opens a window without noopener,noreferrer'],
  [/@ts-ignore|@ts-expect-error/, 'silences the compiler'],
  [/\bgf-form/, "uses Grafana's old CSS classes"],
  [/\/api\/ds\/query/, "calls Grafana's query endpoint itself"],
  [/\bfeatureToggles\.topnav\b/, 'asks for a feature toggle that is gone'],
  [/\bimport\s+['"][^'"]+\.(css|scss|less)['"]/, 'imports a style sheet'],
];

const makesCode = /\beval\(|\bnew Function\(|=\s*Function;/;
/** zod tries once whether a content security policy lets it make code, and goes without where it does not. */
const mayMakeCode = /\/node_modules\/zod\/v4\/core\/(util|doc)\.js$/;

/** Scripts are of a production build and tell nothing on the console. */
export const hasDecentScripts: Rule = (bundle) =>
  scriptsOf(bundle).flatMap(({ path, bytes }) =>
    inScripts
      .filter(([pattern]) => pattern.test(bytes.toString('utf8')))
      .map(([, cause]) => ({
        file: path,
        cause,
        remedy: 'Find the import that brings it in; build with `npm run build`.',
      }))
  );

/** Each script names a source map that is there and holds its sources: the catalogue compares them with the repository. */
export const hasSourceMaps: Rule = (bundle) =>
  scriptsOf(bundle)
    .filter((script) => sourcesOf(bundle, script) === null)
    .map(({ path }) => ({
      file: path,
      cause: 'its source map is missing or holds no sources',
      remedy: 'Run `npm run build` again.',
    }));

/** What Grafana hands to plugins is asked of it, not bundled. */
export const bundlesNothingOfGrafana: Rule = (bundle) =>
  once(
    allSources(bundle).flatMap(({ name, script }) => {
      const library = handedByGrafana.exec(name)?.[1];
      return library
        ? [
            {
              file: script,
              cause: `it holds a copy of ${library}, which Grafana hands to every plugin`,
              remedy: `Import ${library} by its own name, not by a path within it.`,
            },
          ]
        : [];
    })
  );

/** Nothing makes code of text, which a content security policy forbids. */
export const makesNoCode: Rule = (bundle) =>
  once(
    allSources(bundle)
      .filter(({ name, text }) => makesCode.test(text) && !mayMakeCode.test(name))
      .map(({ name, script }) => ({
        file: script,
        cause: `${name} makes code of text (eval, new Function), which a content security policy forbids`,
        remedy: 'Do without it, or see that it goes on where that is forbidden and allow it in codeRules.ts.',
      }))
  );

/** Our own sources keep to what the catalogue's reviewers ask. */
export const hasDecentSources: Rule = (bundle) =>
  once(
    allSources(bundle).flatMap(({ name, text, script }) => {
      const own = /^webpack:\/\/[\w-]+\/\.\/(.+\.tsx?)$/.exec(name)?.[1];
      return (own ? inOwnSources : [])
        .filter(([pattern]) => pattern.test(text))
        .map(([, cause]) => ({ file: script, cause: `src/${own} ${cause}`, remedy: `Mend src/${own}.` }));
    })
  );

/** One finding per cause: a source that several scripts hold is named once. */
function once(findings: Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [finding.cause, finding])).values()];
}
