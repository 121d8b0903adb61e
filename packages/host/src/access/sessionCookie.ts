import type { HostConfig } from '../config.ts';

/** Cookies know no ports: the name carries it, so that two hosts on one machine do not log each other out. */
export function sessionCookieName(config: Pick<HostConfig, 'publicUrl'>): string {
  const { port, protocol } = new URL(config.publicUrl);
  return `dfr_host_session_${port || (protocol === 'https:' ? '443' : '80')}`;
}

/** Neither scripts nor other sites can use it. */
export function sessionCookieOptions(config: Pick<HostConfig, 'publicUrl'>) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: config.publicUrl.startsWith('https:'),
  } as const;
}
