-- The tables of the service's store belong to a role of their own, so that the service's role can be kept from changing the
-- audit trail. Run by a superuser in the store's database; may be run again, and takes over a store that the service owned.
GRANT CREATE ON DATABASE dfr_ops TO dfr_ops_service;
DO $$
DECLARE
  found record;
BEGIN
  FOR found IN
    SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relowner = 'dfr_ops_service'::regrole
  LOOP
    EXECUTE 'ALTER TABLE ' || found.name || ' OWNER TO dfr_ops_owner';
  END LOOP;
  FOR found IN
    SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = 'public' AND p.proowner = 'dfr_ops_service'::regrole
  LOOP
    EXECUTE 'ALTER FUNCTION ' || found.name || ' OWNER TO dfr_ops_owner';
  END LOOP;
END $$;
