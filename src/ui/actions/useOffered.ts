import type { ActionsAnswer } from '@dfr-ops/contracts';
import { serviceClient } from '../../client/ServiceClient';
import { usePolled, type Polled } from '../polling/usePolled';

export type Offered = ActionsAnswer & {
  /** ms by which this browser's clock is ahead of the service's. */
  clockAhead: number;
};

/** What may be done, asked again every 5 s: locks, cooldowns and live choices change by themselves. */
export function useOffered(uid: string, fingerprint: string | null): Polled<Offered> {
  return usePolled(
    async () => {
      const answer = await serviceClient(uid).actions(fingerprint);
      return { ...answer, clockAhead: Date.now() - Date.parse(answer.at) };
    },
    `actions ${uid} ${fingerprint}`,
    5000
  );
}
