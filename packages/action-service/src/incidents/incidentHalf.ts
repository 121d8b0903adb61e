import { createHmac } from 'node:crypto';
import type { Alert, AlertmanagerWebhook, Incident, SmsDelivery } from '@dfr-ops/contracts';
import type { Base, IncidentSide } from '../deps.ts';
import { createAlertSight } from '../alerts/alertSight.ts';
import { answerAlerts, type TaggedAnswer } from '../alerts/answerAlerts.ts';
import type { Matcher } from '../alerts/matchers.ts';
import { mergeAlerts } from '../alerts/mergeAlerts.ts';
import { createAlertmanager } from '../connectors/alertmanager.ts';
import { createPrometheus } from '../connectors/prometheus.ts';
import { isSignedByTwilio, readTwilioStatus } from '../connectors/smsTwilio.ts';
import { carryConsole } from '../notices/carryConsole.ts';
import { createChannels } from '../notices/channels.ts';
import { createEmergencySms } from '../notices/emergencySms.ts';
import { createNoticeMetrics } from '../notices/noticeMetrics.ts';
import { createNoticeSender } from '../notices/sendNotices.ts';
import { createTestNotices, type TestNotices } from '../notices/testNotices.ts';
import { renew } from './acknowledge.ts';
import type { Judging } from './applyJudgement.ts';
import { incidentMetrics } from './incidentMetrics.ts';
import type { IncidentRow } from './incidentRow.ts';
import { recordMoment } from './moments.ts';
import { findIncidentByFingerprint } from './readIncidents.ts';
import { createReconciler } from './reconcile.ts';
import { rememberOpen } from './rememberOpen.ts';
import { METRICS_DAYS, showResponse } from './responseMetrics.ts';
import { responseTimes } from './responseTimes.ts';
import { takeFlush, type FlushRoute } from './takeFlush.ts';
import { takeReceipt } from './takeReceipt.ts';
import { createWatchdog } from './watchdog.ts';

/** The incident half of the service: alerts, incidents, notices. */
export interface IncidentHalf extends IncidentSide {
  /** Alerts as they stand; answers from memory even while the store is down. Null before the first round. */
  alerts(matchers: Matcher[]): Promise<TaggedAnswer | null>;
  takeFlush(webhook: AlertmanagerWebhook, route: FlushRoute): Promise<void>;
  takeReceipt(receipt: SmsDelivery): Promise<void>;
  /** What the SMS provider must bring along with a receipt: made from the webhook's token, which it never sees. */
  receiptToken: string;
  testNotices: TestNotices;
  /** Books a status callback of Twilio's kind. `url`: the path and query as they came. False: it is not the provider's, or there is none such. */
  takeTwilioStatus(
    url: string,
    reference: string,
    form: Record<string, string>,
    signature: string | undefined
  ): Promise<boolean>;
  /** Looks for notices to send now. */
  wakeNotices(): void;
  /** Looks at all sources now. */
  reconcileNow(): Promise<void>;
}

const TIMEOUT_MS = 3000;

export function createIncidentHalf(base: Base): IncidentHalf {
  const { config, log, store } = base;
  const prometheus = createPrometheus({ name: 'Prometheus', ...config.prometheus, timeoutMs: TIMEOUT_MS });
  const alertmanagers = config.alertmanager.urls.map((url, index) => {
    const name = config.alertmanager.urls.length === 1 ? 'Alertmanager' : `Alertmanager ${index + 1}`;
    return createAlertmanager({
      name,
      url,
      user: config.alertmanager.user,
      password: config.alertmanager.password,
      timeoutMs: TIMEOUT_MS,
    });
  });
  // It speaks Prometheus's API below this path; a log store without a ruler answers 404, which is no fault.
  const ruler = config.lokiUrl
    ? createPrometheus({
        name: "Loki's ruler",
        url: `${config.lokiUrl.replace(/\/+$/, '')}/prometheus`,
        timeoutMs: TIMEOUT_MS,
      })
    : null;
  const receiptToken = createHmac('sha256', config.webhookToken).update('sms-delivery').digest('hex').slice(0, 32);
  const channels = carryConsole(createChannels(config, receiptToken), config.breakGlass?.issuer ?? null);
  const recipients = { publicUrl: config.publicUrl, smsTo: config.sms?.to ?? [], mailTo: config.mail?.to ?? [] };
  const noticeMetrics = createNoticeMetrics(base.metrics);
  const rate = { ...(config.sms?.perNumber ?? { count: 30, seconds: 600 }), publicUrl: config.publicUrl };
  const emergency = createEmergencySms(channels.sms, recipients.smsTo, rate, log, noticeMetrics);
  const judging: Judging = {
    store,
    prometheus,
    recipients,
    emergency,
    graceMs: Math.max(3000, config.reconcileSeconds * 2000),
    unseenSince: new Map(),
    reportedEnds: new Map(),
  };
  const testNotices = createTestNotices(channels, base.now);
  const sender = createNoticeSender(store, channels, rate, log, noticeMetrics);
  const contacts = {
    levels: config.sms?.levels ?? [],
    severities: new Set(config.sms?.escalate),
    publicUrl: config.publicUrl,
  };
  const watchdog = createWatchdog({
    store,
    emergency,
    // Nobody can acknowledge that alerts do not arrive: all contacts hear of it.
    recipients: contacts.levels.flat(),
    silentAfterMs: config.watchdogSeconds * 1000,
    log,
    startedAt: base.now(),
    publicUrl: config.publicUrl,
  });
  const reconciler = createReconciler(judging, contacts, alertmanagers, ruler, config.reconcileSeconds, log, () => {
    sender.wake();
    void watchdog.check(base.now());
  });
  const openIncidentsOf = rememberOpen(store);
  const rememberedOpen = () => openIncidentsOf(reconciler.observation());
  let joined: { observation: object; open: IncidentRow[]; alerts: Alert[] } | null = null;
  incidentMetrics(base.metrics, rememberedOpen, () => watchdog.heardAt());
  const everywhere = { country: undefined, env: undefined, service: undefined };
  showResponse(base.metrics, () => responseTimes(store, { days: METRICS_DAYS, ...everywhere }).catch(() => null));
  const annotationsOf = async (fingerprint: string) =>
    reconciler.annotationsOf(fingerprint) ?? (await findIncidentByFingerprint(store, fingerprint))?.annotations ?? null;

  const book = async (receipt: SmsDelivery) => {
    if (!testNotices.takeReceipt(receipt)) {
      await takeReceipt(store, receipt);
    }
  };

  return {
    sight: createAlertSight(prometheus, annotationsOf),
    findIncidentByFingerprint: (fingerprint) => findIncidentByFingerprint(store, fingerprint),
    async recordMoment(client, incidentId, moment) {
      await recordMoment(client, incidentId, moment);
      if (moment.kind === 'action_started') {
        await renew(client, incidentId, null);
      }
    },
    sources: () => [...(reconciler.observation()?.sources ?? []), ...sender.sources()],
    watchdogAt: () => watchdog.heardAt(),
    receiptToken,
    testNotices,
    reconcileNow: () => reconciler.reconcileNow(),
    async alerts(matchers) {
      const observation = reconciler.observation();
      if (!observation) {
        return null;
      }
      const open = await openIncidentsOf(observation);
      if (joined?.observation !== observation || joined.open !== open) {
        joined = { observation, open, alerts: mergeAlerts(observation, reconciler.lastSight(), open) };
      }
      return answerAlerts(observation.at, joined.alerts, observation.sources, matchers);
    },
    takeFlush(webhook, route) {
      const valueOf = (fingerprint: string) => {
        const sight = reconciler.lastSight();
        return sight.ok ? (sight.active.get(fingerprint)?.value ?? null) : null;
      };
      const taking = {
        store,
        watchdog,
        emergency,
        recipients,
        reportedEnds: judging.reportedEnds,
        reconcileNow: () => reconciler.reconcileNow(),
        valueOf,
        wakeSender: () => sender.wake(),
      };
      return takeFlush(taking, webhook, route, base.now());
    },
    takeReceipt: book,
    async takeTwilioStatus(url, reference, form, signature) {
      const way = config.sms?.way;
      if (way?.kind !== 'twilio' || !isSignedByTwilio(way.token, config.selfUrl + url, form, signature)) {
        return false;
      }
      const receipt = readTwilioStatus(reference, form, base.now());
      if (receipt) {
        await book(receipt);
      }
      return true;
    },
    wakeNotices: () => sender.wake(),
    async start() {
      reconciler.start();
    },
    async stop() {
      await reconciler.stop();
      await sender.stop();
      channels.mail?.close();
    },
  };
}
