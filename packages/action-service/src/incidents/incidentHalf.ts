import type { Base, IncidentSide } from '../deps.ts';

/** The incident half of the service: alerts, incidents, notices. */
export type IncidentHalf = IncidentSide;

export function createIncidentHalf(base: Base): IncidentHalf {
  base.log.debug('the incident half is not built yet');
  return {
    sight: {
      lookAt: async () => ({
        state: 'unreachable',
        evaluatedAt: null,
        freshAt: null,
        value: null,
        detail: 'not built',
      }),
    },
    findIncidentByFingerprint: async () => null,
    recordMoment: async () => {},
    sources: () => [],
    watchdogAt: () => null,
    start: async () => {},
    stop: async () => {},
  };
}
