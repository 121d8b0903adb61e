import assert from 'node:assert/strict';
import type { EffectVerdict } from '@dfr-ops/contracts';
import type { Action, ActionContext, Connectors, Draft, Parameters } from '../actions/action.ts';
import { checkParameters } from '../actions/checkParameters.ts';
import { waitUntil } from './startServer.ts';

const names = {
  postgres: 'dfr_postgres_prod',
  odoo: 'dfr_odoo_prod',
  nginx: 'dfr_nginx_prod',
  backup: 'dfr_backup',
  alertmanager: 'alertmanager',
};

/** One action as the service uses it: form, preview, run, effect; without its store, locks and policy. */
export function actionUnderTest(
  action: Action,
  given: { connectors: Partial<Connectors>; bounds?: object; alert?: ActionContext['alert']; person?: string }
) {
  const none = { postgres: null, docker: null, nginxAgent: null, odoo: null, backup: null, alertmanager: null };
  const context: ActionContext = {
    connectors: { ...none, ...given.connectors },
    names,
    bounds: action.bounds.parse(given.bounds ?? {}),
    person: given.person ?? 'amina',
    alert: given.alert ?? null,
    now: () => new Date(),
  };
  const told: string[] = [];
  const narrator = {
    step: async (text: string) => void told.push(text),
    output: async (text: string) => void told.push(text),
    signal: new AbortController().signal,
  };
  const check = async (parameters: Parameters) => checkParameters(await action.form(context), parameters);
  const preview = async (parameters: Parameters = {}): Promise<{ parameters: Parameters; draft: Draft<unknown> }> => {
    const checked = await check(parameters);
    assert.ok(checked.parameters, JSON.stringify(checked.issues));
    return { parameters: checked.parameters, draft: await action.preview(context, checked.parameters) };
  };
  const runDraft = (parameters: Parameters, draft: Draft<unknown>, reason = 'to try it') =>
    action.run(context, { parameters, snapshot: draft.snapshot, reason }, narrator);
  return {
    context,
    told,
    check,
    preview,
    runDraft,
    /** Names of the preconditions that do not hold. */
    async failing(parameters: Parameters = {}) {
      const { draft } = await preview(parameters);
      return draft.preconditions.filter((one) => !one.ok).map(({ name, detail }) => `${name}: ${detail}`);
    },
    /** Previews, runs and waits for the effect's last word. */
    async perform(parameters: Parameters = {}, reason?: string): Promise<EffectVerdict> {
      const { parameters: all, draft } = await preview(parameters);
      assert.equal(draft.refusal, null, JSON.stringify(draft.refusal));
      assert.deepEqual(
        draft.preconditions.filter((one) => !one.ok),
        []
      );
      await runDraft(all, draft, reason);
      let verdict: EffectVerdict = { state: 'pending', detail: '' };
      await waitUntil(async () => {
        verdict = await action.effect(context, { parameters: all, snapshot: draft.snapshot });
        return verdict.state !== 'pending';
      }, `the effect of ${action.id}`);
      return verdict;
    },
  };
}
