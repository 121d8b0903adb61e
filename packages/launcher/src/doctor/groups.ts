import type { Group } from './check.ts';
import { alertmanagerChecks } from './checks/alertmanager.ts';
import { clockChecks } from './checks/clock.ts';
import { diskCheck } from './checks/disk.ts';
import { logChecks } from './checks/logs.ts';
import {
  alertmanagersCheck,
  certificatesCheck,
  prometheusRulesCheck,
  signalsCheck,
  targetsCheck,
  watchdogFiresCheck,
} from './checks/prometheus.ts';
import { sendingChecks, type Recipients } from './checks/sending.ts';
import { askService, serviceCheck } from './checks/service.ts';
import type { Installation } from './installation.ts';

/** Everything that the doctor looks at, in the order in which it is told. */
export function groupsOf(installation: Installation, recipients: Recipients): Group[] {
  const report = askService(installation);
  const parts = { name: 'Parts', remedy: 'See whether it was started.', look: installation.parts };
  const sending = sendingChecks(installation, recipients);
  return [
    { title: installation.kind === 'compose' ? 'Containers' : 'Processes', checks: [parts] },
    {
      title: 'Prometheus',
      checks: [
        targetsCheck,
        signalsCheck,
        prometheusRulesCheck,
        alertmanagersCheck,
        watchdogFiresCheck,
        certificatesCheck,
      ].map((check) => check(installation)),
    },
    { title: 'Alertmanager', checks: alertmanagerChecks(installation) },
    { title: 'Logs', checks: logChecks(installation) },
    { title: 'Action service, rights and targets', checks: [serviceCheck(installation, report)] },
    { title: 'Clocks', checks: clockChecks(installation, report) },
    { title: 'Disk', checks: [diskCheck(installation)] },
    ...(sending.length > 0 ? [{ title: 'Really sent', checks: sending }] : []),
  ];
}
