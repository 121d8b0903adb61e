import type { LabelFilter } from '@dfr-ops/contracts';

export type LabelFilterValues = { [Label in keyof LabelFilter]: string | undefined };

/** The accepted values of country, env and service, in this order, as parameters of SQL (`= ANY`); null: any. */
export function labelParameters(filter: LabelFilterValues): Array<string[] | null> {
  return [filter.country, filter.env, filter.service].map((values) => values?.split(',') ?? null);
}
