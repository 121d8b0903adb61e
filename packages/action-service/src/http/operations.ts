/** What the OpenAPI document says of a route besides its schemas. */
export interface Operation {
  id: string;
  tag: keyof typeof tags;
  summary: string;
  /** Statuses of the errors that are its own; those that all routes of its kind have are added by openapiDocument.ts. */
  problems?: number[];
  /** Another form in which it answers 200. */
  also?: string;
}

export const tags = {
  alerts: 'Alerts as Prometheus and Alertmanager have them now',
  incidents: 'Instances of alerts with their story, and who works on them',
  actions: 'What may be done, and what it would do',
  runs: 'Actions that were accepted, as they go on and as they ended',
  audit: 'Who asked for what, and what came of it',
  installation: 'What the service leans on, and notices to try it with',
  hooks: 'What other programs post to the service',
  process: 'What the machinery around the process asks',
} as const;

const examine: Record<string, Omit<Operation, 'id'>> = {
  'GET /doctor': { tag: 'installation', summary: 'Examines everything that the service leans on' },
  'POST /doctor/notices': { tag: 'installation', summary: 'Sends test notices and says what became of them' },
  'GET /doctor/notices/{reference}': {
    tag: 'installation',
    summary: 'One test notice, by the reference it was sent with',
    problems: [404],
  },
};

/** Every route, by method and path. A test fails for one that is missing here. */
export const operations: Record<string, Operation> = {
  'GET /healthz': { id: 'isAlive', tag: 'process', summary: 'The process runs' },
  'GET /readyz': { id: 'isReady', tag: 'process', summary: 'The service can answer for the alerts', problems: [503] },
  'GET /metrics': { id: 'readMetrics', tag: 'process', summary: 'Metrics in the text format of Prometheus' },
  'GET /openapi.json': { id: 'readOpenapi', tag: 'process', summary: 'This document' },
  'POST /hooks/alertmanager': {
    id: 'takeFlush',
    tag: 'hooks',
    summary: 'A flush of Alertmanager: at least once, in any order',
  },
  'POST /hooks/sms-delivery': { id: 'takeReceipt', tag: 'hooks', summary: 'What became of an SMS, from its provider' },
  'POST /hooks/sms-status': {
    id: 'takeSmsStatus',
    tag: 'hooks',
    summary: 'What became of an SMS, from a provider that signs its callbacks as Twilio does',
  },
  'POST /hooks/console': {
    id: 'takeConsoleEvent',
    tag: 'hooks',
    summary: 'A login, failed login, lock or logout at the break-glass console',
  },
  'GET /doctor': { id: 'examineWithSecret', ...examine['GET /doctor']! },
  'POST /doctor/notices': { id: 'sendTestNoticesWithSecret', ...examine['POST /doctor/notices']! },
  'GET /doctor/notices/{reference}': { id: 'readTestNoticeWithSecret', ...examine['GET /doctor/notices/{reference}']! },
  'GET /api/v1/alerts': {
    id: 'listAlerts',
    tag: 'alerts',
    summary: 'The alerts that fit all filters, most severe first; 304 while nothing has changed',
  },
  'GET /api/v1/incidents': { id: 'listIncidents', tag: 'incidents', summary: 'Incidents, newest first' },
  'GET /api/v1/incidents/{id}': {
    id: 'readIncident',
    tag: 'incidents',
    summary: 'One incident with its timeline and runs',
    problems: [404],
  },
  'POST /api/v1/incidents/{id}/acknowledge': {
    id: 'acknowledgeIncident',
    tag: 'incidents',
    summary: 'Says that somebody works on it: repeats are held back until then',
    problems: [404, 409],
  },
  'POST /api/v1/incidents/{id}/unacknowledge': {
    id: 'unacknowledgeIncident',
    tag: 'incidents',
    summary: 'Takes the acknowledgement back',
    problems: [404, 409],
  },
  'POST /api/v1/incidents/{id}/renew': {
    id: 'renewAcknowledgement',
    tag: 'incidents',
    summary: 'Somebody still works on it: the acknowledgement lasts longer',
    problems: [404, 409],
  },
  'POST /api/v1/incidents/{id}/comments': {
    id: 'commentIncident',
    tag: 'incidents',
    summary: 'Writes something into the timeline of an incident',
    problems: [404],
  },
  'GET /api/v1/response-times': {
    id: 'readResponseTimes',
    tag: 'incidents',
    summary: 'How long it took to acknowledge and to mend, over some days',
  },
  'GET /api/v1/notices': {
    id: 'listNotices',
    tag: 'incidents',
    summary: 'Notices that were sent, wait or were given up, newest first',
  },
  'POST /api/v1/notices/{id}/resend': {
    id: 'resendNotice',
    tag: 'incidents',
    summary: 'Sends a notice again that was given up',
    problems: [404, 409],
  },
  'GET /api/v1/annotations': {
    id: 'listAnnotations',
    tag: 'incidents',
    summary: 'Runs and incidents of a time, to be drawn over graphs',
  },
  'GET /api/v1/actions': {
    id: 'listActions',
    tag: 'actions',
    summary: 'The catalogue as this person may use it now; for an alert, what fits comes first',
  },
  'GET /api/v1/freeze': {
    id: 'readFreeze',
    tag: 'actions',
    summary: 'Whether actions are frozen: why, by whom, until when',
  },
  'POST /api/v1/freeze': { id: 'freezeActions', tag: 'actions', summary: 'An Admin freezes all actions for a while' },
  'POST /api/v1/thaw': { id: 'thawActions', tag: 'actions', summary: 'An Admin lifts the freeze of the switch' },
  'POST /api/v1/actions/{id}/preview': {
    id: 'previewAction',
    tag: 'actions',
    summary: 'What an action would do, touching nothing; the token to run exactly that',
    problems: [404, 409],
  },
  'POST /api/v1/runs': {
    id: 'acceptRun',
    tag: 'runs',
    summary: 'Accepts what was previewed; the same token and body again is the same run',
    problems: [409, 410],
  },
  'GET /api/v1/runs': { id: 'listRuns', tag: 'runs', summary: 'Runs, newest first' },
  'GET /api/v1/runs/{id}': { id: 'readRun', tag: 'runs', summary: 'One run as it stands', problems: [404] },
  'GET /api/v1/runs/{id}/events': {
    id: 'followRun',
    tag: 'runs',
    summary: 'What happened in a run after an event: as a stream where it is accepted, else as a long poll',
    problems: [404],
    also: 'text/event-stream',
  },
  'POST /api/v1/runs/{id}/cancel': {
    id: 'cancelRun',
    tag: 'runs',
    summary: 'Takes a run back that has not begun, or asks one to stop that acts, where its action can',
    problems: [404, 409],
  },
  'POST /api/v1/runs/{id}/approve': {
    id: 'approveRun',
    tag: 'runs',
    summary: 'Lets the run of another person begin',
    problems: [404, 409],
  },
  'POST /api/v1/runs/{id}/override': {
    id: 'overrideRun',
    tag: 'runs',
    summary: 'In an emergency, lets a run begin without the second person that it waits for; the others are told',
    problems: [404, 409],
  },
  'GET /api/v1/runs/{id}/rollback': {
    id: 'offerRollback',
    tag: 'runs',
    summary: 'The action that takes a run back, with parameters from what was done',
    problems: [404, 409],
  },
  'POST /api/v1/runs/{id}/reject': {
    id: 'rejectRun',
    tag: 'runs',
    summary: 'Refuses the run of another person',
    problems: [404, 409],
  },
  'GET /api/v1/audit': { id: 'listAuditEvents', tag: 'audit', summary: 'The audit trail in the order of its entries' },
  'GET /api/v1/doctor': { id: 'examine', ...examine['GET /doctor']! },
  'POST /api/v1/doctor/notices': { id: 'sendTestNotices', ...examine['POST /doctor/notices']! },
  'GET /api/v1/doctor/notices/{reference}': { id: 'readTestNotice', ...examine['GET /doctor/notices/{reference}']! },
  'GET /api/v1/health': {
    id: 'readHealth',
    tag: 'installation',
    summary: 'How everything that the service leans on answered last',
  },
  'GET /api/v1/me': { id: 'readMe', tag: 'installation', summary: 'Who the service takes the caller for' },
};
