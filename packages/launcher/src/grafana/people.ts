import type { GrafanaApi } from './grafanaApi.ts';

export type GrafanaRole = 'Viewer' | 'Editor' | 'Admin';

/** The people of the demonstration. Two administrators, since some actions ask for a second person. */
export const people = [
  { login: 'admin', role: 'Admin' },
  { login: 'admin2', role: 'Admin' },
  { login: 'editor', role: 'Editor' },
  { login: 'viewer', role: 'Viewer' },
] as const satisfies ReadonlyArray<{ login: string; role: GrafanaRole }>;
export type Login = (typeof people)[number]['login'];

/** Makes the person where there is none of that login, and gives them the password and the role. */
export async function ensurePerson(
  api: GrafanaApi,
  person: { login: string; role: GrafanaRole; password: string }
): Promise<void> {
  const found = await api.find<{ id: number }>(`/api/users/lookup?loginOrEmail=${encodeURIComponent(person.login)}`);
  const { login, password, role } = person;
  const id = found?.id ?? (await makePerson(api, login, password));
  if (found) {
    await api.put(`/api/admin/users/${id}/password`, { password });
  }
  await api.patch(`/api/org/users/${id}`, { role });
}

async function makePerson(api: GrafanaApi, login: string, password: string): Promise<number> {
  const email = `${login}@dfr.example`;
  return (await api.post<{ id: number }>('/api/admin/users', { login, name: login, email, password })).id;
}
