import { z } from 'zod';
import type { EffectVerdict } from '@dfr-ops/contracts';
import { ActionRefused, defineAction, type ActionContext, type Draft, type Narrator, type Parameters, type RunInput } from './action.ts'; // prettier-ignore
import { field, lackingOdooAccount, odooOf, wholeOrRefused } from './odooAnswers.ts';

const Bounds = z.strictObject({
  /** Logins that are never locked or unlocked, besides Odoo's own users and the service's. */
  neverLogins: z.array(z.string().min(1)).default([]),
});
type Bounds = z.infer<typeof Bounds>;
type Context = ActionContext<Bounds>;

interface Snapshot {
  id: number;
  login: string;
  /** The value that was there: what the rollback puts back. */
  active: boolean;
}

const User = z.object({ id: z.number(), login: z.string(), active: z.boolean(), share: z.boolean() });
type User = z.infer<typeof User>;

/** Users that Odoo itself needs as they are; those of the public and of templates are off by design. */
const ownNames = ['user_root', 'user_admin', 'public_user', 'default_user', 'template_portal_user_id'];
/** More than that are not offered one by one: the login is typed. */
const chooseAmong = 500;

interface Words {
  id: string;
  title: string;
  description: string;
  alerts: string[];
  mends: boolean;
  rollback: string;
  rollbackNote: string;
  warnings: string[];
}

/** The two actions that write a user's `active`. Never uid 1 or 2, nor another user of Odoo's own, nor the service's. */
export function switchUser(active: boolean, { warnings, ...words }: Words) {
  const verb = active ? 'unlock' : 'lock';
  return defineAction<Bounds, Snapshot>({
    ...words,
    kind: 'odoo',
    target: (names) => names.odoo,
    risk: 'medium',
    lock: 'shared',
    deadlineSeconds: 30,
    effectSeconds: 10,
    cooldownSeconds: 0,
    bounds: Bounds,
    lacking: lackingOdooAccount,
    form: (context) => form(context, active),
    async preview(context, parameters): Promise<Draft<Snapshot>> {
      const user = await chosenUser(context, parameters);
      return {
        summary: `Would ${verb} ${user.login} (uid ${user.id}).`,
        statement: `res.users.write([${user.id}], {"active": ${active}})`,
        affected: {
          columns: ['uid', 'login', 'kind', 'state'],
          rows: [[String(user.id), user.login, kindOf(user), user.active ? 'active' : 'locked']],
          total: 1,
        },
        preconditions: [
          {
            name: `The user is ${active ? 'locked' : 'active'}`,
            ok: user.active !== active,
            detail: `active is ${user.active}; the rollback puts that back.`,
          },
        ],
        warnings,
        refusal: null,
        snapshot: { id: user.id, login: user.login, active: user.active },
        suggestedReason: '',
      };
    },
    run: (context, input, narrator) => write(context, input, narrator, active),
    effect: (context, input) => effect(context, input, active),
    async nextStep(_context, { snapshot }) {
      return `${snapshot.login} is locked and logins go on to fail: others are tried too. See the log for logins and addresses, and block the address at nginx.`;
    },
  });
}

const kindOf = ({ share }: User) => (share ? 'portal' : 'internal');

/** The ids that are never touched. */
async function untouchable(context: Context): Promise<Set<number>> {
  const odoo = odooOf(context);
  const [own, self] = await Promise.all([
    odoo.search(z.object({ res_id: z.number() }), {
      model: 'ir.model.data',
      domain: [['module', '=', 'base'], ['model', '=', 'res.users'], ['name', 'in', ownNames]], // prettier-ignore
      fields: ['res_id'],
    }),
    odoo.uid(),
  ]);
  return new Set([1, 2, self, ...own.map((one) => one.res_id)]);
}

async function readUsers(context: Context, domain: Array<[string, string, unknown]>, limit?: number): Promise<User[]> {
  const never = await untouchable(context);
  const users = await odooOf(context).search(User, {
    model: 'res.users',
    domain: [['id', 'not in', [...never]], ...domain],
    fields: ['login', 'active', 'share'],
    order: 'login',
    ...(limit ? { limit } : {}),
  });
  return users.filter((user) => !never.has(user.id) && !context.bounds.neverLogins.includes(user.login));
}

async function form(context: Context, active: boolean) {
  const users = await readUsers(context, [['active', '=', !active]], chooseAmong + 1);
  const { login: label } = context.alert?.labels ?? {};
  const common = {
    name: 'login',
    title: 'User',
    description: "Login of the user. Odoo's own users and the service's are never offered.",
    default: users.some((user) => user.login === label) ? (label ?? null) : null,
  };
  return [
    users.length > chooseAmong
      ? field({ ...common, type: 'string', min: 1, max: 200, default: label ?? null })
      : field({
          ...common,
          type: 'choice',
          choices: users.map((user) => ({ value: user.login, label: `${user.login} (${kindOf(user)})` })),
        }),
  ];
}

async function chosenUser(context: Context, { login }: Parameters): Promise<User> {
  const [user] = await readUsers(context, [['login', '=', login]]);
  if (!user) {
    throw new Error(`Odoo has no user ${login} who may be locked or unlocked.`);
  }
  return user;
}

async function write(context: Context, { snapshot }: RunInput<Snapshot>, narrator: Narrator, active: boolean) {
  const [user] = await readUsers(context, [['id', '=', snapshot.id]]);
  if (user?.login !== snapshot.login || user.active !== snapshot.active) {
    const now = user ? `is ${user.login}, ${user.active ? 'active' : 'locked'}` : 'is gone, or may not be touched';
    throw new ActionRefused(
      `${snapshot.login} (uid ${snapshot.id}) ${now} now. Nothing was done.`,
      'Preview it again.'
    );
  }
  await narrator.step(`Asking Odoo to ${active ? 'unlock' : 'lock'} ${user.login} (uid ${user.id})`);
  await wholeOrRefused(
    odooOf(context).call('res.users', 'write', [[user.id], { active }]),
    "See the service's rights in Odoo (doctor): it needs those of an administrator of users."
  );
}

async function effect(context: Context, { snapshot }: RunInput<Snapshot>, active: boolean): Promise<EffectVerdict> {
  const [user] = await readUsers(context, [['id', '=', snapshot.id]]);
  if (!user) {
    return { state: 'not_confirmed', detail: `${snapshot.login} is gone from Odoo.` };
  }
  const detail = `${user.login} is ${user.active ? 'active' : 'locked'} (${snapshot.active ? 'active' : 'locked'} before).`;
  return { state: user.active === active ? 'confirmed' : 'pending', detail };
}
