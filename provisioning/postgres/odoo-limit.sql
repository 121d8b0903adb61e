-- Caps Odoo's role, so that the monitoring and the action service get in when Odoo has taken all that it may. Run it as a
-- superuser, once or again; it holds from the next connection on, without a restart. The number is
-- postgresql.odooConnectionLimit in the values; -1 takes the cap away.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${postgresql.odooRole}') THEN
    RAISE EXCEPTION 'There is no role ${postgresql.odooRole}: nothing is capped. Name the role that Odoo logs in as in postgresql.odooRole.';
  END IF;
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = '${postgresql.odooRole}') THEN
    RAISE EXCEPTION 'The role ${postgresql.odooRole} is a superuser, whom no limit binds. Let Odoo log in as a role that is none.';
  END IF;
  EXECUTE format('ALTER ROLE %I CONNECTION LIMIT %s', '${postgresql.odooRole}', '${postgresql.odooConnectionLimit}');
END
$$;
