import { FreezeAnswer, FreezeRequest } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import { actingPerson } from '../identity/requestPerson.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

/** GET /freeze: whether actions are frozen, by whom and until when. POST /freeze and /thaw: an Admin turns the switch. */
export async function freezeRoutes(app: App, { actions, policy, now }: Deps): Promise<void> {
  const answer = () => ({ at: now().toISOString(), freeze: policy.freeze() });
  const response = { 200: FreezeAnswer, ...problemResponses };
  app.get('/freeze', { schema: { response } }, async () => answer());
  app.post('/freeze', { schema: { body: FreezeRequest, response } }, async (request) => {
    await actions.freezes.freeze(actingPerson(request), request.body);
    return answer();
  });
  app.post('/thaw', { schema: { response } }, async (request) => {
    await actions.freezes.thaw(actingPerson(request));
    return answer();
  });
}
