import { createHash } from 'node:crypto';

/**
 * Gives a dashboard a `revision` that changes with its content. At an upgrade of the app Grafana imports again only those
 * dashboards whose revision is another than the imported one's, so a number kept by hand would be forgotten one day.
 * @param {Buffer | string} json a dashboard as it stands in dashboards/
 * @returns {string} the same dashboard; the revision is a whole number from 1 to 2^31 - 1
 */
export function withRevision(json) {
  const dashboard = JSON.parse(json.toString());
  delete dashboard.revision;
  const digest = createHash('sha256').update(JSON.stringify(dashboard)).digest();
  return JSON.stringify({ ...dashboard, revision: (digest.readUInt32BE(0) >>> 1) || 1 }, null, 2) + '\n';
}
