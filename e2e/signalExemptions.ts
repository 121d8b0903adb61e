/**
 * Queries that cannot move while the drill runs, each with its reason. They are asked all the same: one must answer
 * labelled series, unless `silent` says why it cannot. One that is not needed fails the test.
 */
export interface Exemption {
  /** The query, or a part that only it has. */
  query: RegExp;
  reason: string;
  silent?: string;
  /** It moves on some machines, so it is no fault where it does. */
  mayMove?: true;
}

export const exemptions: Exemption[] = [
  {
    query: /^dfr_ops_response_target_seconds\{/,
    reason: 'How soon a person should answer is a value: it stands still as long as nobody changes it.',
  },
  {
    query: /^dfr_ops_alert_threshold\{/,
    reason: "A rule's own value: it stands still as long as nobody changes the rule.",
  },
  {
    query: /^(min by \(country, env\) )?\(?dfr:tls_certificate_left:seconds/,
    reason: 'Native mode speaks no TLS.',
    silent:
      'No address with a certificate is watched, so there is no series. tlsProbe.test.ts asks a real certificate.',
  },
  {
    query: /^dfr:odoo_workers:count/,
    reason: 'The stand-in of Odoo is one process, which is there or not counted at all.',
    mayMove: true,
  },
  {
    query: /^dfr:postgres_replication_lag:seconds/,
    reason: 'Native mode has one PostgreSQL and no replica of it.',
    silent: 'Without a replica there is no series.',
  },
  {
    query: /^dfr:rule_failures:count/,
    reason: 'No rule of ours fails, and a drill that made one fail would have to change the rules.',
  },
  {
    query: /^sum by \(instance\) \(rate\(node_network_/,
    reason: 'The stack speaks over loopback only, whose bytes are not counted on every machine.',
    mayMove: true,
  },
];
