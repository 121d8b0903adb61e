import semver from 'semver';
import { z } from 'zod';

const Text = z.string().trim().min(1);
/** From the plugin.json, without a dot or slash before it: the catalogue takes no other form. */
const RelativePath = z
  .string()
  .regex(/^[\w-][\w./-]*$/, 'must be a path from the plugin.json, with no "./" or "/" before it');
const Role = z.enum(['Viewer', 'Editor', 'Admin']);
const Link = z.strictObject({ name: Text, url: z.url({ protocol: /^https$/ }) });

const Info = z.strictObject({
  author: z.strictObject({ name: Text, email: z.email().optional(), url: z.url().optional() }),
  description: Text.max(300),
  keywords: z.array(Text).min(1),
  links: z.array(Link).min(1),
  logos: z.strictObject({ small: RelativePath, large: RelativePath }),
  screenshots: z.array(z.strictObject({ name: Text, path: RelativePath })).optional(),
  version: z
    .string()
    .refine((version) => semver.valid(version) === version, 'must be a semantic version, such as 1.2.3'),
  updated: z.iso.date(),
});

const Include = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('page'),
    name: Text,
    icon: Text.optional(),
    path: Text,
    role: Role,
    action: Text.optional(),
    addToNav: z.boolean(),
    defaultNav: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('dashboard'),
    name: Text,
    icon: Text.optional(),
    path: RelativePath,
    uid: Text,
    role: Role.optional(),
    addToNav: z.boolean(),
    defaultNav: z.boolean().optional(),
  }),
  z.strictObject({ type: z.enum(['datasource', 'panel']), name: Text, path: RelativePath }),
]);

const Route = z.strictObject({
  path: z.string(),
  method: Text.optional(),
  reqRole: Role.optional(),
  reqAction: Text.optional(),
  url: Text,
  urlParams: z.array(z.strictObject({ name: Text, content: z.string() })).optional(),
  headers: z.array(z.strictObject({ name: Text, content: z.string() })).optional(),
  body: z.record(z.string(), z.unknown()).optional(),
});

/**
 * A plugin.json after the build: the fields of Grafana's schema that this bundle may use, and no other. What Grafana's
 * schema leaves open is closed here, since a misspelt field is ignored without a word. `backend: true` and `executable`
 * are not among them: there is no binary in the bundle.
 */
export const PluginJson = z.strictObject({
  $schema: z.url().optional(),
  type: z.enum(['app', 'datasource', 'panel']),
  id: z.string().regex(/^[0-9a-z]+-([0-9a-z]+-)?(app|panel|datasource)$/, 'must be organisation-name-type'),
  name: Text,
  info: Info,
  dependencies: z.strictObject({
    grafanaDependency: z.string(),
    plugins: z.array(z.strictObject({ id: Text, name: Text, type: Text })).optional(),
    extensions: z.strictObject({ exposedComponents: z.array(Text) }).optional(),
  }),
  buildMode: z.enum(['production', 'development']),
  includes: z.array(Include).optional(),
  routes: z.array(Route).optional(),
  languages: z.array(Text).optional(),
  preload: z.boolean().optional(),
  autoEnabled: z.boolean().optional(),
  backend: z.literal(false).optional(),
  alerting: z.literal(false).optional(),
  metrics: z.boolean().optional(),
  annotations: z.boolean().optional(),
  logs: z.boolean().optional(),
  streaming: z.boolean().optional(),
  skipDataQuery: z.boolean().optional(),
  queryOptions: z.record(z.string(), z.boolean()).optional(),
  category: Text.optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
  roles: z.array(z.record(z.string(), z.unknown())).optional(),
});
export type PluginJson = z.infer<typeof PluginJson>;
