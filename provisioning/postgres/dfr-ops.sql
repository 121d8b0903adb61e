-- What the action service may do in DFR's PostgreSQL: call these functions, and nothing else.
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
ALTER TABLE dfr_ops.bounds
  -- No query is cancelled, and no working session ended, whose transaction began less than this ago.
  ADD COLUMN IF NOT EXISTS min_age interval NOT NULL DEFAULT '10 seconds',
  -- One checkpoint, and one reading of the configuration, within this.
  ADD COLUMN IF NOT EXISTS upkeep_every interval NOT NULL DEFAULT '5 minutes',
  -- Roles that make backups: their sessions are never touched.
  ADD COLUMN IF NOT EXISTS backup_users text[] NOT NULL DEFAULT '{dfr_backup}';
REVOKE ALL ON dfr_ops.bounds FROM PUBLIC;

-- When a checkpoint and a reading of the configuration were asked for last.
CREATE TABLE IF NOT EXISTS dfr_ops.asked (what text PRIMARY KEY, at timestamptz NOT NULL);
REVOKE ALL ON dfr_ops.asked FROM PUBLIC;

-- Why a session must never be touched; null when it may be.
CREATE OR REPLACE FUNCTION dfr_ops.guarded(
  pid int, backend_type text, application text, user_name text, superuser boolean, replication boolean
) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN backend_type <> 'client backend' THEN backend_type
    WHEN pid = pg_backend_pid() OR user_name = session_user THEN 'the service itself'
    WHEN superuser IS NOT FALSE THEN 'superuser'
    WHEN replication IS NOT FALSE THEN 'replication'
    WHEN application ~ '^pg_(dump|dumpall|basebackup|restore|receivewal)'
      OR user_name = ANY ((SELECT backup_users FROM dfr_ops.bounds)::text[]) THEN 'backup'
  END
$$;

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
    SELECT a.state, a.state_change,
           dfr_ops.guarded(a.pid, a.backend_type, a.application_name, a.usename, r.rolsuper, r.rolreplication) AS guarded
      INTO session
      FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid
     WHERE a.pid = target.pid AND a.backend_start = target.backend_start;
    IF NOT FOUND THEN
      outcome := 'vanished';
    ELSIF session.guarded IS NOT NULL THEN
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

-- Who works, who waits for whom, and who must not be touched (guarded). All client sessions but the caller's, and whoever
-- else holds one up. Process 0 in blocked_by is a prepared transaction. No query text, as above.
CREATE OR REPLACE FUNCTION dfr_ops.activity()
RETURNS TABLE (
  pid int, backend_start timestamptz, xact_start timestamptz, user_name text, application text, client text, database text,
  state text, state_seconds double precision, xact_seconds double precision, guarded text, blocked_by int[], waits_for text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH waiting AS MATERIALIZED (
    SELECT w.pid, ARRAY(SELECT DISTINCT unnest(pg_blocking_pids(w.pid))) AS blocked_by,
           (SELECT CASE WHEN l.relation IS NULL OR l.database <> d.oid THEN l.locktype ELSE l.relation::regclass::text END
              FROM pg_locks l, pg_database d
             WHERE l.pid = w.pid AND NOT l.granted AND d.datname = current_database() LIMIT 1) AS waits_for
      FROM pg_stat_activity w WHERE w.wait_event_type = 'Lock'
  )
  SELECT a.pid, a.backend_start, a.xact_start, coalesce(a.usename, '')::text, coalesce(a.application_name, ''),
         coalesce(host(a.client_addr), 'local socket'), coalesce(a.datname, '')::text, coalesce(a.state, 'unknown'),
         coalesce(extract(epoch FROM clock_timestamp() - a.state_change), 0)::double precision,
         extract(epoch FROM clock_timestamp() - a.xact_start)::double precision,
         dfr_ops.guarded(a.pid, a.backend_type, a.application_name, a.usename, r.rolsuper, r.rolreplication),
         coalesce(w.blocked_by, '{}'), w.waits_for
    FROM pg_stat_activity a
    LEFT JOIN pg_roles r ON r.oid = a.usesysid
    LEFT JOIN waiting w ON w.pid = a.pid
   WHERE a.pid <> pg_backend_pid()
     AND (a.backend_type = 'client backend' OR a.pid IN (SELECT unnest(x.blocked_by) FROM waiting x))
   ORDER BY a.xact_start NULLS LAST, a.pid
$$;

-- Cancels the query of one session, if the transaction is still the one that was seen. Answers what became of it: cancelled,
-- vanished (gone, or the pid is another session now), finished (that transaction has ended), idle (in its transaction, but at
-- no query), too_young, refused (not to be touched), not_ended (told to stop, still at it after two seconds).
CREATE OR REPLACE FUNCTION dfr_ops.cancel_query(target_pid int, target_start timestamptz, target_xact timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  session record;
BEGIN
  SELECT a.*, dfr_ops.guarded(a.pid, a.backend_type, a.application_name, a.usename, r.rolsuper, r.rolreplication) AS guarded
    INTO session
    FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid
   WHERE a.pid = target_pid AND a.backend_start = target_start;
  IF NOT FOUND THEN
    RETURN 'vanished';
  ELSIF session.guarded IS NOT NULL THEN
    RETURN 'refused';
  ELSIF session.xact_start IS NULL OR session.xact_start IS DISTINCT FROM target_xact THEN
    RETURN 'finished';
  ELSIF session.state <> 'active' THEN
    RETURN 'idle';
  ELSIF clock_timestamp() - session.xact_start < (SELECT min_age FROM dfr_ops.bounds) THEN
    RETURN 'too_young';
  END IF;
  PERFORM pg_cancel_backend(target_pid);
  FOR look IN 1..40 LOOP
    PERFORM pg_sleep(0.05), pg_stat_clear_snapshot();
    IF NOT EXISTS (
      SELECT FROM pg_stat_activity a
       WHERE a.pid = target_pid AND a.backend_start = target_start
         AND a.state = 'active' AND a.query_start = session.query_start
    ) THEN
      RETURN 'cancelled';
    END IF;
  END LOOP;
  RETURN 'not_ended';
END $$;

-- Ends one session, if its transaction is still the one that was seen. Outcomes as above, with ended for cancelled; idle: it
-- is in no transaction and holds nobody up, which is what terminate_idle is for.
CREATE OR REPLACE FUNCTION dfr_ops.terminate_session(target_pid int, target_start timestamptz, target_xact timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  session record;
BEGIN
  SELECT a.*, dfr_ops.guarded(a.pid, a.backend_type, a.application_name, a.usename, r.rolsuper, r.rolreplication) AS guarded
    INTO session
    FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid
   WHERE a.pid = target_pid AND a.backend_start = target_start;
  IF NOT FOUND THEN
    RETURN 'vanished';
  ELSIF session.guarded IS NOT NULL THEN
    RETURN 'refused';
  ELSIF session.xact_start IS DISTINCT FROM target_xact THEN
    RETURN 'finished';
  ELSIF session.xact_start IS NULL AND NOT EXISTS (
    SELECT FROM pg_stat_activity w
     WHERE w.wait_event_type = 'Lock' AND target_pid = ANY (pg_blocking_pids(w.pid))
  ) THEN
    RETURN 'idle';
  ELSIF clock_timestamp() - coalesce(session.xact_start, session.state_change) < (SELECT min_age FROM dfr_ops.bounds) THEN
    RETURN 'too_young';
  ELSIF pg_terminate_backend(target_pid, 2000) THEN
    RETURN 'ended';
  END IF;
  RETURN 'not_ended';
END $$;

-- Since when the server runs, when it read its configuration and wrote its last checkpoint, and when both may be asked for
-- again. base_backups: copies of the data folder that are being taken.
CREATE OR REPLACE FUNCTION dfr_ops.server_state()
RETURNS TABLE (
  started timestamptz, conf_loaded timestamptz, checkpoint_lsn text, checkpoint_at timestamptz, in_recovery boolean,
  base_backups int, next_checkpoint timestamptz, next_reload timestamptz, max_wal_size text, checkpoint_timeout text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT pg_postmaster_start_time(), pg_conf_load_time(), c.checkpoint_lsn::text, c.checkpoint_time, pg_is_in_recovery(),
         (SELECT count(*)::int FROM pg_stat_progress_basebackup),
         (SELECT a.at + b.upkeep_every FROM dfr_ops.asked a WHERE a.what = 'checkpoint'),
         (SELECT a.at + b.upkeep_every FROM dfr_ops.asked a WHERE a.what = 'reload_conf'),
         current_setting('max_wal_size'), current_setting('checkpoint_timeout')
    FROM pg_control_checkpoint() c, dfr_ops.bounds b
$$;

-- Notes that something is asked for now; false when that was done too short a time ago.
CREATE OR REPLACE FUNCTION dfr_ops.may_ask(wanted text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO dfr_ops.asked AS a (what, at) VALUES (wanted, clock_timestamp())
  ON CONFLICT (what) DO UPDATE SET at = excluded.at
    WHERE a.at + (SELECT upkeep_every FROM dfr_ops.bounds) <= excluded.at;
  RETURN FOUND;
END $$;

-- Writes a checkpoint: written, too_soon, or not_awaited (it goes on, and the call's time was up).
CREATE OR REPLACE FUNCTION dfr_ops.write_checkpoint() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT dfr_ops.may_ask('checkpoint') THEN
    RETURN 'too_soon';
  END IF;
  BEGIN
    CHECKPOINT;
  EXCEPTION WHEN query_canceled THEN
    RETURN 'not_awaited';
  END;
  RETURN 'written';
END $$;

-- What is wrong in the files of the configuration: each line with its error. A line that only a restart can put into force
-- is none, nor one that the command line overrides: PostgreSQL reports both with the same words.
CREATE OR REPLACE FUNCTION dfr_ops.config_errors() RETURNS TABLE (file text, line int, name text, error text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT sourcefile, sourceline, name, error FROM pg_file_settings f
   WHERE error IS NOT NULL AND NOT (
     error = 'setting could not be applied'
     AND EXISTS (SELECT FROM pg_settings s WHERE lower(s.name) = lower(f.name) AND s.context = 'postmaster')
   )
  UNION ALL
  SELECT current_setting('hba_file'), line_number, NULL, error FROM pg_hba_file_rules WHERE error IS NOT NULL
$$;

-- Lines of the files that say otherwise than what is in force, with whether that takes a restart. Texts are not shown: there
-- may be a password among them.
CREATE OR REPLACE FUNCTION dfr_ops.config_changes()
RETURNS TABLE (name text, now_value text, file_value text, place text, takes_restart boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.name, CASE WHEN s.vartype <> 'string' THEN current_setting(s.name) END,
         CASE WHEN s.vartype <> 'string' THEN f.setting END, f.sourcefile || ':' || f.sourceline,
         s.context = 'postmaster'
    FROM pg_file_settings f JOIN pg_settings s ON lower(s.name) = lower(f.name)
   WHERE (f.applied OR s.context = 'postmaster') AND s.source IN ('configuration file', 'default')
     AND lower(f.setting) NOT IN (lower(s.setting), lower(current_setting(s.name)))
  UNION ALL
  SELECT s.name, CASE WHEN s.vartype <> 'string' THEN current_setting(s.name) END,
         CASE WHEN s.vartype <> 'string' THEN s.boot_val END, 'no longer in a file', false
    FROM pg_settings s
   WHERE s.source = 'configuration file' AND s.context NOT IN ('postmaster', 'internal')
     AND NOT EXISTS (SELECT FROM pg_file_settings f WHERE lower(f.name) = lower(s.name))
   ORDER BY 1
$$;

-- Has the files of the configuration read anew: asked, too_soon, or errors (nothing was asked).
CREATE OR REPLACE FUNCTION dfr_ops.reload_conf() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM dfr_ops.config_errors()) THEN
    RETURN 'errors';
  ELSIF NOT dfr_ops.may_ask('reload_conf') THEN
    RETURN 'too_soon';
  END IF;
  PERFORM pg_reload_conf();
  RETURN 'asked';
END $$;

-- How well kept each table of this database is. bytes is what the last VACUUM or ANALYZE counted, null before the first: to
-- measure it would wait for locks.
CREATE OR REPLACE FUNCTION dfr_ops.tables()
RETURNS TABLE (
  schema_name text, table_name text, bytes bigint, live_rows bigint, dead_rows bigint, xid_age int,
  last_vacuum timestamptz, last_autovacuum timestamptz, vacuum_pid int
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.schemaname::text, s.relname::text,
         CASE WHEN c.reltuples >= 0 THEN c.relpages::bigint * current_setting('block_size')::bigint END,
         s.n_live_tup, s.n_dead_tup, age(c.relfrozenxid), s.last_vacuum, s.last_autovacuum,
         (SELECT p.pid FROM pg_stat_progress_vacuum p WHERE p.relid = s.relid AND p.datname = current_database() LIMIT 1)
    FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
   WHERE c.relkind IN ('r', 'm') AND s.schemaname <> 'dfr_ops'
   ORDER BY s.n_dead_tup DESC, age(c.relfrozenxid) DESC
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dfr_ops FROM PUBLIC;
GRANT USAGE ON SCHEMA dfr_ops TO dfr_ops;
GRANT EXECUTE ON FUNCTION
  dfr_ops.sessions(), dfr_ops.connection_headroom(), dfr_ops.terminate_idle(jsonb, interval, int),
  dfr_ops.activity(), dfr_ops.cancel_query(int, timestamptz, timestamptz),
  dfr_ops.terminate_session(int, timestamptz, timestamptz),
  dfr_ops.server_state(), dfr_ops.write_checkpoint(), dfr_ops.config_errors(), dfr_ops.config_changes(),
  dfr_ops.reload_conf(), dfr_ops.tables()
TO dfr_ops;
