import type { z } from 'zod';
import type {
  AffectedTable,
  EffectVerdict,
  Labels,
  ParameterSpec,
  ParameterValue,
  Precondition,
  Risk,
  Target,
} from '@dfr-ops/contracts';
import type { BackupConnector } from '../connectors/backupProgram.ts';
import type { DockerConnector } from '../connectors/docker.ts';
import type { NginxAgentConnector } from '../connectors/nginxAgent.ts';
import type { OdooConnector } from '../connectors/odoo.ts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import type { SilencesConnector } from '../connectors/silences.ts';

/** The ways to the targets; null where an installation lacks one. */
export interface Connectors {
  postgres: PostgresConnector | null;
  docker: DockerConnector | null;
  nginxAgent: NginxAgentConnector | null;
  odoo: OdooConnector | null;
  backup: BackupConnector | null;
  alertmanager: SilencesConnector | null;
}

/** Names of what is acted on. */
export interface TargetNames {
  postgres: string;
  odoo: string;
  nginx: string;
  backup: string;
  alertmanager: string;
}

export interface ActionContext<Bounds = unknown> {
  connectors: Connectors;
  names: TargetNames;
  /** The policy's bounds for this action. */
  bounds: Bounds;
  /** Login of whoever looks, previews or asked for the run. */
  person: string;
  /** The alert that is to be mended: what a form begins with comes from its labels. Null where none was named. */
  alert: { name: string; labels: Labels } | null;
  now: () => Date;
}

export type Parameters = Record<string, ParameterValue>;

/** What a preview found, before the service makes a token for it. */
export interface Draft<Snapshot> {
  summary: string;
  statement: string;
  affected: AffectedTable;
  preconditions: Precondition[];
  warnings: string[];
  /** Why there is nothing to run although all preconditions hold, e.g. no session matches; null when there is. */
  refusal: { why: string; todo: string } | null;
  /** What the run may touch at most, and what the effect is measured against. JSON. */
  snapshot: Snapshot;
  suggestedReason: string;
}

export interface RunInput<Snapshot> {
  parameters: Parameters;
  snapshot: Snapshot;
  /** What the person gave as reason; the run has it, a look at the effect does not. */
  reason?: string;
}

/** Tells the run's story while it goes on. `output` is what the target said, word for word. */
export interface Narrator {
  step(text: string): Promise<void>;
  output(text: string): Promise<void>;
  /** Aborted when the deadline has passed, or when somebody cancels a run of an action that can be cancelled. */
  signal: AbortSignal;
}

/**
 * One action of the catalogue. Everything that a person is told about it beforehand is here; nothing is decided elsewhere.
 * `Bounds` come from the policy, `Snapshot` is what its preview fixes.
 */
export interface Action<Bounds = unknown, Snapshot = unknown> {
  id: string;
  title: string;
  description: string;
  kind: Target['kind'];
  target(names: TargetNames): string;
  risk: Risk;
  lock: 'shared' | 'exclusive' | 'none';
  /** A run that has not acted after so long is given up, and its effect is looked at. */
  deadlineSeconds: number;
  /** For so long after acting the effect may take to show. */
  effectSeconds: number;
  /** Default; the policy may say otherwise. */
  cooldownSeconds: number;
  /** Alerts it is for; empty: manual. */
  alerts: string[];
  /** False when it mends nothing, so that no alert is expected to clear. */
  mends: boolean;
  /** Action that takes it back; null with the reason in `rollbackNote`. */
  rollback: string | null;
  rollbackNote: string;
  /** What `rollback` begins with, from what was done; left out: the parameters of the same names. */
  rollbackParameters?(input: RunInput<Snapshot>): Parameters;
  /** Whether it stops, at a safe point, when `Narrator.signal` is aborted; left out: it does not. */
  cancellable?: boolean;
  bounds: z.ZodType<Bounds>;
  /** Why this installation cannot do it; null when it can. Asks no target. */
  lacking(connectors: Connectors): string | null;
  /** The form, with choices read live. */
  form(context: ActionContext<Bounds>): Promise<ParameterSpec[]>;
  preview(context: ActionContext<Bounds>, parameters: Parameters): Promise<Draft<Snapshot>>;
  /** Acts. Throws ActionRefused when the target was left as it was. */
  run(context: ActionContext<Bounds>, input: RunInput<Snapshot>, narrator: Narrator): Promise<void>;
  /** Asks the target whether the effect is there. `pending`: ask again. */
  effect(context: ActionContext<Bounds>, input: RunInput<Snapshot>): Promise<EffectVerdict>;
  /** What a person does next when the effect is there and the alert is not gone. */
  nextStep(context: ActionContext<Bounds>, input: RunInput<Snapshot>, actedAt: Date): Promise<string>;
}

/** The target refused, and is as it was before. `message` says why in a sentence, `todo` what to do. */
export class ActionRefused extends Error {
  readonly todo: string;
  constructor(message: string, todo: string, options?: ErrorOptions) {
    super(message, options);
    this.todo = todo;
  }
}

export const emptyTable: AffectedTable = { columns: [], rows: [], total: 0 };

/** Keeps an action's own types to itself, so that all of them fit into one catalogue. */
export function defineAction<Bounds, Snapshot>(action: Action<Bounds, Snapshot>): Action {
  return action as unknown as Action;
}
