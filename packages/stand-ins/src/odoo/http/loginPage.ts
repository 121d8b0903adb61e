import type { Connections } from '../database/connections.ts';

/** The login page, which reads the database as Odoo's does. It says that it is a stand-in. Rejects when the database fails. */
export async function loginPage(connections: Connections): Promise<string> {
  const [row] = await connections.query<{ farmers: number; users: number }>(
    'SELECT (SELECT count(*)::int FROM dfr_farmer WHERE active) AS farmers, (SELECT count(*)::int FROM res_users WHERE active) AS users'
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Digital Farmer Registry</title>
<h1>Digital Farmer Registry</h1>
<p>This is a stand-in for Odoo 18: its tables and its connections are real, nobody can log in here.</p>
<p>${row?.farmers ?? 0} active farmers, ${row?.users ?? 0} users.</p>
</html>
`;
}
