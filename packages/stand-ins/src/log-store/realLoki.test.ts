import { after, before } from 'node:test';
import { type RealLoki, isLokiHere, startRealLoki } from '../test/realLoki.ts';
import { lokiContract } from './contract/contract.ts';

// Where there is none, `npm test` says at its end that only the log store was tested.
if (isLokiHere()) {
  let loki: RealLoki;
  before(async () => {
    loki = await startRealLoki();
  });
  after(() => loki.stop());
  lokiContract('Loki', () => loki.url);
}
