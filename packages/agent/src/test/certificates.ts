import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Certificate {
  cert: string;
  key: string;
}

export interface CertificateAuthority {
  /** Its own certificate, which whoever trusts it is given. */
  ca: string;
  /** A certificate for 127.0.0.1 as server, and for the client of that name. */
  issue(name: string, days?: number): Certificate;
  remove(): void;
}

/** A certificate authority of the test's own, by openssl, which PostgreSQL's package brings along. */
export function makeCertificateAuthority(name: string): CertificateAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'dfr-ca-'));
  const file = (one: string) => join(folder, one);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ...['req', '-x509', ...newKey, '-keyout', file('ca.key'), '-out', file('ca.pem')],
    ...['-subj', `/CN=${name}`, '-days', '2']
  );
  return {
    ca: file('ca.pem'),
    issue(common, days = 1) {
      writeFileSync(file('san'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
      openssl(
        ...['req', ...newKey, '-keyout', file(`${common}.key`), '-out', file(`${common}.csr`)],
        ...['-subj', `/CN=${common}`]
      );
      openssl(
        ...['x509', '-req', '-in', file(`${common}.csr`), '-out', file(`${common}.pem`), '-days', String(days)],
        ...['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('san')]
      );
      return { cert: file(`${common}.pem`), key: file(`${common}.key`) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const pem = (path: string): string => readFileSync(path, 'utf8');
