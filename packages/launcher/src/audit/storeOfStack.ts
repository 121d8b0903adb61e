import { readSecret, type StackFile } from '../stackFile.ts';

type Database = StackFile['databases']['service'];

/** The addresses of a running stack's store, as the action service's commands read them from their environment. */
export function storeOfStack({ databases }: Pick<StackFile, 'databases'>): Record<string, string> {
  const { service, serviceOwner } = databases;
  return {
    DATABASE_URL: urlOf(service),
    ...(serviceOwner && { DATABASE_MIGRATE_URL: urlOf(serviceOwner) }),
  };
}

function urlOf({ host, port, database, user, passwordFile }: Database): string {
  return `postgres://${user}:${encodeURIComponent(readSecret(passwordFile))}@${host}:${port}/${database}`;
}
