-- DFR's database in compose: Odoo's role and database, and the roles that monitor, repair and back it up. None is a superuser.
-- The image runs it once, when the cluster is made. Passwords are read from their files, so they stand in no command line.
\set odoo `cat /run/secrets/postgres_odoo_password`
\set ops `cat /run/secrets/postgres_dfr_ops_password`
\set maintenance `cat /run/secrets/postgres_dfr_maintenance_password`
\set monitor `cat /run/secrets/postgres_dfr_monitor_password`
\set backup `cat /run/secrets/postgres_dfr_backup_password`

CREATE ROLE odoo LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'odoo';
CREATE ROLE dfr_ops LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'ops';
CREATE DATABASE dfr OWNER odoo;

\connect dfr
\ir sql/dfr-ops.sql
\ir sql/dfr-ops.demo.sql
\ir sql/dfr-ops-maintenance.sql
\ir sql/dfr-monitor.sql
\ir sql/odoo-limit.sql
\ir sql/dfr-backup.sql
ALTER ROLE dfr_ops_maintenance PASSWORD :'maintenance';
ALTER ROLE dfr_monitor PASSWORD :'monitor';
ALTER ROLE dfr_backup PASSWORD :'backup';
