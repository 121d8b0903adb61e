import type { Base } from '../deps.ts';
import { linkAudit, startChainer } from './chainAudit.ts';
import { startAuditShipper } from './shipAudit.ts';

/** Links the audit trail, and delivers it to Loki where one is configured. For a store that is migrated. */
export function startAuditWork({ config, store, log, metrics }: Base): { stop(): Promise<void> } {
  const chainer = startChainer(store, log);
  const shipper = config.lokiUrl === null ? null : startAuditShipper({ store, log, metrics, lokiUrl: config.lokiUrl });
  return {
    async stop() {
      chainer.stop();
      await shipper?.stop();
      // What was written while everything else stopped.
      await linkAudit(store).catch(() => {});
    },
  };
}
