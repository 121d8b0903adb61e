export const roles = ['None', 'Viewer', 'Editor', 'Admin'] as const;
/** Grafana's organisation roles, weakest first. */
export type Role = (typeof roles)[number];

export interface User {
  id: number;
  login: string;
  name: string;
  email: string;
  role: Role;
}

/** The people of the stand-in. Two administrators, since some actions want a second person. */
export const users: readonly User[] = [
  { id: 1, login: 'admin', name: 'Ada Admin', email: 'admin@dfr.example', role: 'Admin' },
  { id: 2, login: 'editor', name: 'Edo Editor', email: 'editor@dfr.example', role: 'Editor' },
  { id: 3, login: 'viewer', name: 'Vera Viewer', email: 'viewer@dfr.example', role: 'Viewer' },
  { id: 4, login: 'admin2', name: 'Amal Admin', email: 'admin2@dfr.example', role: 'Admin' },
];

export function findUser(login: unknown): User | undefined {
  return users.find((user) => user.login === login);
}

/** Whether `role` may do what demands `required`. */
export function includesRole(role: Role, required: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(required);
}
