import { Alert } from '@grafana/ui';

/** A plugin that could not be loaded: what happened and what to do. */
export function PluginError({ error }: { error: Error }) {
  return (
    <Alert severity="error" title="The plugin could not be loaded">
      <p>{error.message}</p>
      <p>Build the bundle with &quot;npm run build&quot; and load this page again.</p>
    </Alert>
  );
}
