import type { SourceHealth } from '@dfr-ops/contracts';

export interface PolicySource {
  health(): SourceHealth;
  /** Why no action may be run now; null when actions may be run. */
  frozen(): string | null;
  stop(): void;
}
