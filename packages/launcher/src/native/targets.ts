import { setTimeout as sleep } from 'node:timers/promises';
import { basicAuthHeader, type BasicAuth } from '../httpProbe.ts';
import { StartProblem } from '../problem.ts';

export type ScrapeTarget = { job: string; url: string; health: 'up' | 'down' | 'unknown'; lastError: string };

/** Prometheus's active scrape targets with their health. */
export async function scrapeTargets(prometheusUrl: string, auth: BasicAuth): Promise<ScrapeTarget[]> {
  const answer = await fetch(`${prometheusUrl}/api/v1/targets?state=active`, {
    headers: { authorization: basicAuthHeader(auth) },
    signal: AbortSignal.timeout(5000),
  });
  if (!answer.ok) {
    throw new Error(`Prometheus answered ${answer.status}`);
  }
  const { data } = (await answer.json()) as {
    data: {
      activeTargets: Array<{
        labels: Record<string, string>;
        scrapeUrl: string;
        health: ScrapeTarget['health'];
        lastError: string;
      }>;
    };
  };
  return data.activeTargets.map((target) => ({
    job: target.labels['job'] ?? '',
    url: target.scrapeUrl,
    health: target.health,
    lastError: target.lastError,
  }));
}

/** Waits until every target is up, and answers how many there are. */
export async function waitForTargets(prometheusUrl: string, auth: BasicAuth, seconds: number): Promise<number> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const targets = await scrapeTargets(prometheusUrl, auth).catch(() => []);
    const missing = targets.filter((target) => target.health !== 'up');
    if (targets.length > 0 && missing.length === 0) {
      return targets.length;
    }
    if (Date.now() > deadline) {
      const names = missing
        .map((target) => `${target.job} (${target.lastError || target.health}, ${target.url})`)
        .join('; ');
      throw new StartProblem(
        'scrape targets',
        `after ${seconds} s Prometheus does not reach: ${names || 'anything'}`,
        'Read the log of that part in the data folder.'
      );
    }
    await sleep(200);
  }
}
