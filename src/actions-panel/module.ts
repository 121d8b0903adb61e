import { PanelPlugin } from '@grafana/data';
import { ActionsPanel, type ActionsPanelOptions } from './ActionsPanel';

export const plugin = new PanelPlugin<ActionsPanelOptions>(ActionsPanel).setPanelOptions((builder) =>
  builder.addTextInput({
    path: 'fingerprint',
    name: 'Alert to mend',
    description: 'A fingerprint or a variable such as ${fingerprint}. Empty: the fingerprint in the URL, else free choice.',
    defaultValue: '',
  })
);
