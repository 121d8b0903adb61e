import type { SourceHealth } from '@dfr-ops/contracts';

/** The action half of the service: catalogue, previews, runs. */
export interface ActionHalf {
  sources(): SourceHealth[];
}
