-- The action service's own store in compose. The image runs it once, when the cluster is made.
\set service `cat /run/secrets/store_password`

CREATE ROLE dfr_ops_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'service';
CREATE DATABASE dfr_ops OWNER dfr_ops_service;
