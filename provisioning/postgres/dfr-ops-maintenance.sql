-- Opt-in: the login with which the action service vacuums tables (postgres.vacuum-analyze). Without it that action is
-- unavailable and says so; everything else works. Run it as a superuser in Odoo's database, once or again. It sets no password:
-- ALTER ROLE dfr_ops_maintenance PASSWORD … does. Then name the role in DFR_POSTGRES_MAINTENANCE_URL.
--
-- VACUUM cannot run inside a function, so no function can bound it as dfr-ops.sql bounds the rest. From PostgreSQL 17 on the
-- role may maintain tables and read no row of them. Before that only a table's owner can vacuum it: the role becomes a member of
-- the database's owner, and **could read what Odoo can**. It begins every session read-only, which a VACUUM is not hindered by.
SET client_min_messages = warning;

DO $$
DECLARE
  owner text := (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database());
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dfr_ops_maintenance') THEN
    CREATE ROLE dfr_ops_maintenance LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
  ALTER ROLE dfr_ops_maintenance CONNECTION LIMIT 2;
  ALTER ROLE dfr_ops_maintenance SET default_transaction_read_only = on;
  IF current_setting('server_version_num')::int >= 170000 THEN
    GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO dfr_ops_maintenance;
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT MAINTAIN ON TABLES TO dfr_ops_maintenance', owner);
  ELSE
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = owner) THEN
      RAISE EXCEPTION 'The owner of this database, %, is a superuser: its membership would be too much', owner
        USING HINT = 'Let Odoo''s own role own the database, then run this again.';
    END IF;
    EXECUTE format('GRANT %I TO dfr_ops_maintenance', owner);
  END IF;
END
$$;
