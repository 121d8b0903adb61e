import { type Document, isNode, isSeq, parse, parseDocument, stringify, YAMLSeq } from 'yaml';
import type { Values } from './values.ts';

type Matching = Record<string, unknown>;
interface Route extends Matching {
  receiver: string;
  matchers?: string[];
  active_time_intervals?: string[];
  routes?: Route[];
}
interface Receiver extends Matching {
  name: string;
  email_configs?: Matching[];
}
interface Tree {
  global: Record<string, unknown>;
  time_intervals: Array<{ name: string }>;
  route: Route;
  inhibit_rules: Array<{ source_matchers: string[] }>;
  receivers: Receiver[];
}
/** What DFR adds to an Alertmanager's own configuration: one route below the root, and what it names. */
interface Fragment {
  routes: Route[];
  receivers: Receiver[];
  inhibit_rules: Tree['inhibit_rules'];
  time_intervals: Tree['time_intervals'];
}

const head = `# DFR's part of an Alertmanager that has a configuration of its own. Alertmanager includes no files, so merge it:
#   routes         first below your route.routes
#   receivers, inhibit_rules, time_intervals   behind yours
#   templates      name the folder templates/ that lies beside this file
# or let npm run provision do it (--into). Rendered: change provisioning/values, not this file.
`;

/** Our whole tree as one route that takes DFR's alerts alone; its receivers and times are named dfr-…, and say their mail server. */
export function alertmanagerFragment(alertmanagerYml: string, { site }: Values): string {
  const tree = parse(alertmanagerYml, { merge: true }) as Tree;
  const ours = [`country="${site.country}"`, `env="${site.env}"`];
  const mail = mailServer(tree.global);
  const fragment: Fragment = {
    routes: [{ matchers: [...ours, 'component=~".+"'], ...renamed(tree.route) }],
    receivers: tree.receivers.map(({ name, email_configs, ...rest }) => ({
      name: `dfr-${name}`,
      ...(email_configs && { email_configs: email_configs.map((one) => ({ ...mail, ...one })) }),
      ...rest,
    })),
    // Two alerts without a country are of one country to Alertmanager: other people's alerts would silence each other.
    inhibit_rules: tree.inhibit_rules.map((rule) => ({ ...rule, source_matchers: [...rule.source_matchers, ...ours] })),
    time_intervals: tree.time_intervals.map((one) => ({ ...one, name: `dfr-${one.name}` })),
  };
  return head + stringify(fragment, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

/**
 * Lays a fragment into an Alertmanager's own configuration, whose comments stay. Throws when that has parts of ours already,
 * or no route.
 */
export function mergeAlertmanager(own: string, fragment: string, templates: string): string {
  const document = parseDocument(own);
  const { routes, ...rest } = parse(fragment) as Fragment;
  if (document.errors.length > 0 || !document.hasIn(['route'])) {
    throw new Error(`It is no configuration of Alertmanager: ${document.errors[0]?.message ?? 'it has no route.'}`);
  }
  const taken = ((document.toJS() as Tree).receivers ?? []).map(({ name }) => name);
  const twice = rest.receivers.find(({ name }) => taken.includes(name));
  if (twice) {
    throw new Error(`It has a receiver ${twice.name} already: name the configuration as it was without DFR's part.`);
  }
  sequence(document, ['route', 'routes']).items.unshift(...routes.map((route) => document.createNode(route)));
  for (const [key, items] of Object.entries({ ...rest, templates: [templates] })) {
    sequence(document, [key]).items.push(...items.map((item) => document.createNode(item)));
  }
  return document.toString({ lineWidth: 0 });
}

function sequence(document: Document, path: string[]): YAMLSeq {
  const there = document.getIn(path, true);
  if (isSeq(there)) {
    const [first] = there.items;
    // A comment above the first of them is kept by the list: it is to stay with that one.
    if (isNode(first) && there.commentBefore) {
      first.commentBefore = there.commentBefore;
      there.commentBefore = null;
    }
    return there;
  }
  const made = new YAMLSeq();
  document.setIn(path, made);
  return made;
}

function renamed({ receiver, active_time_intervals, routes, ...route }: Route): Route {
  return {
    ...route,
    receiver: `dfr-${receiver}`,
    ...(active_time_intervals && { active_time_intervals: active_time_intervals.map((name) => `dfr-${name}`) }),
    ...(routes && { routes: routes.map(renamed) }),
  };
}

/** global.smtp_smarthost → smarthost, as an email_config says it; what is empty is left out. */
function mailServer(global: Record<string, unknown>): Matching {
  return Object.fromEntries(
    Object.entries(global)
      .filter(([key, value]) => key.startsWith('smtp_') && value !== '')
      .map(([key, value]) => [key.slice('smtp_'.length), value])
  );
}
