declare module 'grafana-runtime-file/components/PluginPage.mjs' {
  export function setPluginPage(component: React.ComponentType<import('@grafana/runtime').PluginPageProps>): void;
}
declare module 'grafana-runtime-file/components/PanelRenderer.mjs' {
  export function setPanelRenderer(component: React.ComponentType<import('@grafana/runtime').PanelRendererProps>): void;
}
declare module 'grafana-runtime-file/components/PanelDataErrorView.mjs' {
  export function setPanelDataErrorView(
    component: React.ComponentType<import('@grafana/runtime').PanelDataErrorViewProps>
  ): void;
}
declare module 'grafana-runtime-file/services/pluginMeta/panels.mjs' {
  export function getPanelPluginMetas(): Promise<unknown>;
}
declare module 'grafana-runtime-file/services/logging/registry.mjs' {
  export function initializeLoggersRegistry(): void;
}
declare module 'systemjs/dist/system.js';
declare module 'systemjs/dist/extras/amd.js';
