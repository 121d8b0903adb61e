-- What the action service may do in DFR's PostgreSQL: call these three functions, and nothing else.
--
-- Run it as a superuser, once or again, in the database that DFR_POSTGRES_URL names. The role comes first, with a
-- password that this file never sees:
--   CREATE ROLE dfr_ops LOGIN PASSWORD '…';
-- The bounds stand in the database too, so that a service gone wrong cannot pass them. Production's are set here;
-- the demonstration's come from dfr-ops.demo.sql.

CREATE SCHEMA IF NOT EXISTS dfr_ops;
REVOKE ALL ON SCHEMA dfr_ops FROM PUBLIC;

CREATE TABLE IF NOT EXISTS dfr_ops.bounds (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- No session that has been idle for less than this is ever ended.
  min_idle interval NOT NULL,
  -- No call ever ends more sessions than this.
  max_sessions int NOT NULL
);
INSERT INTO dfr_ops.bounds (min_idle, max_sessions) VALUES ('60 seconds', 100) ON CONFLICT DO NOTHING;
REVOKE ALL ON dfr_ops.bounds FROM PUBLIC;

-- Client sessions of everybody but superusers, replication and the caller: the oldest state first. No query text, since
-- it may hold farmers' data.
CREATE OR REPLACE FUNCTION dfr_ops.sessions()
RETURNS TABLE (
  pid int, backend_start timestamptz, user_name text, application text, client text, database text,
  state text, state_seconds double precision
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.pid, a.backend_start, a.usename::text, a.application_name,
         coalesce(host(a.client_addr), 'local socket'), a.datname::text, a.state,
         extract(epoch FROM clock_timestamp() - a.state_change)::double precision
    FROM pg_stat_activity a
    JOIN pg_roles r ON r.oid = a.usesysid
   WHERE a.backend_type = 'client backend'
     AND a.pid <> pg_backend_pid()
     AND NOT r.rolsuper
     AND NOT r.rolreplication
     AND a.usename <> session_user
   ORDER BY a.state_change
$$;

-- How many connections there may be, how many there are, and how many of them only superusers may still take.
CREATE OR REPLACE FUNCTION dfr_ops.connection_headroom()
RETURNS TABLE (max_connections int, reserved int, used int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT current_setting('max_connections')::int,
         current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true)::int, 0),
         (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend')
$$;

-- Ends sessions named by pid and backend_start, as far as they are still idle and old enough. Answers what became of each:
-- ended, vanished (gone, or the pid is another session now), busy (no longer idle), too_young, refused (not to be touched),
-- not_ended (told to end, still there after two seconds).
CREATE OR REPLACE FUNCTION dfr_ops.terminate_idle(targets jsonb, min_idle interval, max_sessions int)
RETURNS TABLE (pid int, backend_start timestamptz, outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  bound dfr_ops.bounds;
  target record;
  session record;
BEGIN
  SELECT * INTO STRICT bound FROM dfr_ops.bounds;
  IF jsonb_typeof(targets) IS DISTINCT FROM 'array' OR min_idle IS NULL OR max_sessions IS NULL THEN
    RAISE EXCEPTION 'terminate_idle wants an array of {pid, backend_start}, an interval and a number'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF min_idle < bound.min_idle THEN
    RAISE EXCEPTION 'min_idle is %, and the least that this database allows is %', min_idle, bound.min_idle
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF jsonb_array_length(targets) > least(max_sessions, bound.max_sessions) THEN
    RAISE EXCEPTION '% sessions are more than the % allowed at once',
      jsonb_array_length(targets), least(max_sessions, bound.max_sessions) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  FOR target IN SELECT * FROM jsonb_to_recordset(targets) AS t (pid int, backend_start timestamptz) LOOP
    -- Anew for each: the one before may have taken two seconds, and who works by now is left alone.
    PERFORM pg_stat_clear_snapshot();
    pid := target.pid;
    backend_start := target.backend_start;
    SELECT a.state, a.state_change, a.backend_type, a.pid AS own_pid, r.rolsuper, r.rolreplication INTO session
      FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid
     WHERE a.pid = target.pid AND a.backend_start = target.backend_start;
    IF NOT FOUND THEN
      outcome := 'vanished';
    ELSIF session.backend_type <> 'client backend' OR session.own_pid = pg_backend_pid()
          OR coalesce(session.rolsuper, true) OR coalesce(session.rolreplication, true) THEN
      outcome := 'refused';
    ELSIF coalesce(session.state, '') NOT IN ('idle', 'idle in transaction', 'idle in transaction (aborted)') THEN
      outcome := 'busy';
    ELSIF coalesce(clock_timestamp() - session.state_change < min_idle, true) THEN
      outcome := 'too_young';
    ELSIF pg_terminate_backend(target.pid, 2000) THEN
      outcome := 'ended';
    ELSE
      outcome := 'not_ended';
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dfr_ops FROM PUBLIC;
GRANT USAGE ON SCHEMA dfr_ops TO dfr_ops;
GRANT EXECUTE ON FUNCTION dfr_ops.sessions() TO dfr_ops;
GRANT EXECUTE ON FUNCTION dfr_ops.connection_headroom() TO dfr_ops;
GRANT EXECUTE ON FUNCTION dfr_ops.terminate_idle(jsonb, interval, int) TO dfr_ops;
