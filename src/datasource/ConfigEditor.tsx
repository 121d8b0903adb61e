import React from 'react';
import { onUpdateDatasourceJsonDataOption, onUpdateDatasourceSecureJsonDataOption, updateDatasourcePluginResetOption, type DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { Alert, Field, Input, SecretInput } from '@grafana/ui';
import type { DfrOptions, DfrSecrets } from './types';

type Props = DataSourcePluginOptionsEditorProps<DfrOptions, DfrSecrets>;

/** Address and secret of the action service. The datasource's own URL stays empty: it would be a way past the routes. */
export function ConfigEditor(props: Props) {
  const { options } = props;
  const address = options.jsonData.serviceUrl ?? '';
  const wrong = address !== '' && !/^https?:\/\/[^/\s]+/.test(address);
  return (
    <>
      <Alert severity="info" title="How this datasource reaches the action service">
        Your browser never talks to the service. Grafana&apos;s server does, through routes of this plugin: reading needs the role Viewer, acting needs
        Editor. It adds the secret below, and the service verifies who you are by Grafana&apos;s signed identity token before it decides anything itself.
      </Alert>
      <Field
        label="Address of the action service"
        description="As Grafana's server reaches it, without a path."
        required
        invalid={wrong}
        error="Begin with http:// or https://."
      >
        <Input id="dfr-service-url" width={60} value={address} placeholder="http://dfr-ops:8080" onChange={onUpdateDatasourceJsonDataOption(props, 'serviceUrl')} />
      </Field>
      <Field label="Secret" description="What stands in the file that the service's DFR_OPS_SECRET_FILE names. Kept encrypted; it never comes back to a browser." required>
        <SecretInput
          id="dfr-service-secret"
          width={60}
          isConfigured={Boolean(options.secureJsonFields?.serviceSecret)}
          value={options.secureJsonData?.serviceSecret ?? ''}
          onChange={onUpdateDatasourceSecureJsonDataOption(props, 'serviceSecret')}
          onReset={() => updateDatasourcePluginResetOption(props as never, 'serviceSecret')}
        />
      </Field>
      {options.url && (
        <Alert severity="warning" title="This datasource has a URL of its own">
          It lets requests past the routes and their role check. Leave it empty: set <code>url: &quot;&quot;</code> where the datasource is provisioned.
        </Alert>
      )}
    </>
  );
}
