export type BasicAuth = { user: string; password: string };

export function basicAuthHeader(auth: BasicAuth): string {
  return `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`;
}

/** Whether a GET answers with this status (any below 500 when none is given). Never throws. */
export async function answers(url: string, options: { auth?: BasicAuth; status?: number } = {}): Promise<boolean> {
  try {
    const headers: Record<string, string> = options.auth ? { authorization: basicAuthHeader(options.auth) } : {};
    const answer = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(2000) });
    await answer.body?.cancel();
    return options.status === undefined ? answer.status < 500 : answer.status === options.status;
  } catch {
    return false;
  }
}
