import { test } from 'node:test';
import { contractDatasources, contractLogins, proxyContract } from '../../../host/src/test/proxyContract.ts';
import { writeTestBundle } from '../../../host/src/test/testBundle.ts';
import { findGrafana } from './findGrafana.ts';
import { startTestGrafana } from './startTestGrafana.ts';

const program = findGrafana();

if (program) {
  proxyContract('Grafana', async (upstreamUrl) => {
    const timeoutSeconds = 2;
    const grafana = await startTestGrafana(program, {
      datasources: contractDatasources(upstreamUrl),
      install: writeTestBundle,
      env: { GF_DATAPROXY_TIMEOUT: String(timeoutSeconds) },
    });
    const cookies = Object.fromEntries(
      await Promise.all(contractLogins.map(async (login) => [login, await grafana.logIn(login)] as const))
    );
    return {
      url: grafana.url,
      issuer: `${grafana.url}/`,
      timeoutMs: timeoutSeconds * 1000,
      cookieOf: (login) => cookies[login] ?? '',
      close: grafana.close,
    };
  });
} else {
  test('the contract of the datasource proxy holds on Grafana', { skip: 'no Grafana is installed' });
}
