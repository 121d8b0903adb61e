import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ActionsAnswer } from '@dfr-ops/contracts';
import { connectNginxAgent } from '../connectors/nginxAgent.ts';
import { scratchFolder } from '../test/startServer.ts';
import { startServiceUnderTest, type ServiceUnderTest } from '../test/serviceUnderTest.ts';
import { startAgentSocket } from '../test/socketTargets.ts';

let service: ServiceUnderTest;
let agent: Awaited<ReturnType<typeof startAgentSocket>>;
let folder: Awaited<ReturnType<typeof scratchFolder>>;
before(async () => {
  folder = await scratchFolder('offer');
  agent = await startAgentSocket(folder.path);
  service = await startServiceUnderTest({ nginxAgent: connectNginxAgent(agent.path) });
});
after(async () => {
  await service?.stop();
  await agent?.stop();
  await folder?.remove();
});

const choicesOf = ({ actions }: ActionsAnswer) =>
  actions
    .find(({ id }) => id === 'nginx.drain')
    ?.parameters.flatMap(({ choices }) => choices.map(({ value }) => value));

test('for one look at the catalogue nginx is asked once, and for the next one anew', async () => {
  const first = (await service.get<ActionsAnswer>('admin', '/actions')).body;
  assert.deepEqual(agent.nginx.asked, ['status']);
  assert.deepEqual(choicesOf(first), ['127.0.0.1:8069', '127.0.0.1:8070']);
  agent.nginx.upstream = [{ server: '127.0.0.1:8071', down: false }, ...agent.nginx.upstream];
  const second = (await service.get<ActionsAnswer>('admin', '/actions')).body;
  assert.deepEqual(agent.nginx.asked, ['status', 'status']);
  assert.ok(choicesOf(second)?.includes('127.0.0.1:8071'));
});
