-- The action service's own store in compose. The image runs it once, when the cluster is made; it may be run again:
--   docker compose exec store psql -U postgres -f /docker-entrypoint-initdb.d/init-store.sql
\set owner `cat /run/secrets/store_owner_password`
\set service `cat /run/secrets/store_password`

SELECT 'CREATE ROLE dfr_ops_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dfr_ops_owner') \gexec
SELECT 'CREATE ROLE dfr_ops_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dfr_ops_service') \gexec
ALTER ROLE dfr_ops_owner PASSWORD :'owner';
ALTER ROLE dfr_ops_service PASSWORD :'service';
SELECT 'CREATE DATABASE dfr_ops' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'dfr_ops') \gexec
ALTER DATABASE dfr_ops OWNER TO dfr_ops_owner;

\connect dfr_ops
\ir sql/store-owner.sql
