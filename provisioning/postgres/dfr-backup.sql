-- The role that makes backups. Run it as a superuser in Odoo's database; it may be run again. It sets no password:
-- ALTER ROLE dfr_backup PASSWORD … does. It reads everything, as a backup has to, and writes nothing.
SET client_min_messages = warning;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dfr_backup') THEN
    CREATE ROLE dfr_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 2;
  END IF;
  GRANT pg_read_all_data TO dfr_backup;
END
$$;
