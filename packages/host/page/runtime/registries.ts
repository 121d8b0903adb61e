import {
  FieldType,
  type FieldConfigPropertyItem,
  type StandardEditorsRegistryItem,
  ThresholdsMode,
  type TransformerRegistryItem,
  booleanOverrideProcessor,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';

/** Panels cannot be edited here, but options name their editors when a plugin registers them. */
const NoEditor = () => null;

const editors = [
  'text',
  'number',
  'slider',
  'boolean',
  'select',
  'multi-select',
  'radio',
  'strings',
  'timezone',
  'unit',
  'color',
  'fieldColor',
  'links',
  'thresholds',
  'mappings',
  'field-name',
  'dashboard-uid',
  'stats-picker',
  'layers',
  'actions',
];

interface FieldOption {
  id: string;
  process: unknown;
  onlyNumbers?: boolean;
  defaultValue?: unknown;
}

/** Grafana's: green, and red from 80. */
const defaultThresholds = {
  mode: ThresholdsMode.Absolute,
  steps: [
    { value: -Infinity, color: 'green' },
    { value: 80, color: 'red' },
  ],
};

/** The standard field options and how overrides give them a value; `applyFieldOverrides` knows only what stands here. */
const fieldOptions: FieldOption[] = [
  { id: 'displayName', process: displayNameOverrideProcessor },
  { id: 'unit', process: unitOverrideProcessor },
  { id: 'min', process: numberOverrideProcessor, onlyNumbers: true },
  { id: 'max', process: numberOverrideProcessor, onlyNumbers: true },
  { id: 'fieldMinMax', process: booleanOverrideProcessor, onlyNumbers: true },
  { id: 'decimals', process: numberOverrideProcessor, onlyNumbers: true },
  { id: 'noValue', process: stringOverrideProcessor },
  { id: 'color', process: identityOverrideProcessor },
  { id: 'links', process: dataLinksOverrideProcessor },
  { id: 'actions', process: identityOverrideProcessor },
  { id: 'mappings', process: valueMappingsOverrideProcessor, defaultValue: [] },
  { id: 'thresholds', process: thresholdsOverrideProcessor, defaultValue: defaultThresholds },
  { id: 'filterable', process: booleanOverrideProcessor },
  { id: 'description', process: stringOverrideProcessor },
];

export function fillRegistries(): void {
  standardEditorsRegistry.setInit(() =>
    editors.map((id): StandardEditorsRegistryItem => ({ id, name: id, editor: NoEditor }))
  );
  standardFieldConfigEditorRegistry.setInit(() => fieldOptions.map(fieldOption));
  standardTransformersRegistry.setInit(() =>
    Object.values(standardTransformers).map(transformerItem).filter(firstOfItsId())
  );
}

function fieldOption({ id, process, onlyNumbers = false, defaultValue }: FieldOption): FieldConfigPropertyItem {
  return {
    id,
    path: id,
    name: id,
    editor: NoEditor,
    override: NoEditor,
    process: process as FieldConfigPropertyItem['process'],
    defaultValue,
    settings: {},
    shouldApply: (field) => !onlyNumbers || field.type === FieldType.number,
  };
}

function transformerItem(
  transformer: (typeof standardTransformers)[keyof typeof standardTransformers]
): TransformerRegistryItem {
  return {
    id: transformer.id,
    name: transformer.name,
    transformation: async () => transformer as never,
    defaultOptions: transformer.defaultOptions,
    editor: NoEditor,
    imageDark: '',
    imageLight: '',
  };
}

/** One transformer goes by two names of which one is deprecated. */
function firstOfItsId(): (item: TransformerRegistryItem) => boolean {
  const seen = new Set<string>();
  return ({ id }) => !seen.has(id) && Boolean(seen.add(id));
}
