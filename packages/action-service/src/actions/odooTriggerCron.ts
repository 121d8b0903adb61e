import { OdooRefusal } from '../connectors/odooRpc.ts';
import { ActionRefused, type ActionContext, type Narrator } from './action.ts';
import { odooOf } from './odooAnswers.ts';
import type { Cron } from './odooCrons.ts';

/** Below the deadline of 600 s, so that Odoo's own answer is heard where there is one. */
const answerWithinMs = 590_000;

/**
 * Has Odoo run one scheduled action within one request, and waits for it to end. Asks once: whether a call that was not answered
 * ran is seen in the effect. Throws ActionRefused when Odoo refused before it began.
 */
export async function triggerCron(
  context: ActionContext,
  cron: Pick<Cron, 'id' | 'name'>,
  narrator: Narrator
): Promise<void> {
  await narrator.step(`Asking Odoo to run ${cron.name} (${cron.id}), and waiting for it to end`);
  try {
    await odooOf(context).call('ir.cron', 'method_direct_trigger', [[cron.id]], { timeoutMs: answerWithinMs });
  } catch (error) {
    if (error instanceof OdooRefusal && /already executing|currently being executed/i.test(error.words)) {
      throw new ActionRefused(`${cron.name} is being run right now: ${error.words}.`, 'Wait until that run has ended.');
    }
    if (error instanceof OdooRefusal && /\.(AccessError|AccessDenied|MissingError)$/.test(error.exception)) {
      throw new ActionRefused(`${error.message}. Nothing was done.`, "See the service's rights in Odoo (doctor).");
    }
    throw error;
  }
  await narrator.output('Odoo says that it has ended');
}
