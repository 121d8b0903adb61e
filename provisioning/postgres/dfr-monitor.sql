-- The monitoring role, for postgres_exporter and the SQL exporter. Run it as a superuser in Odoo's database; it may be run
-- again. It sets no password: ALTER ROLE dfr_monitor PASSWORD … does.
--
-- The role sees statistics (pg_monitor) and what the functions of schema dfr_signals answer: counts and times. It cannot
-- read a single row of Odoo's tables, so no farmer's data. A table that does not exist (module not installed, Odoo not
-- started yet) gives no rows rather than an error.
SET client_min_messages = warning;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dfr_monitor') THEN
    CREATE ROLE dfr_monitor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 8;
  END IF;
  GRANT pg_monitor TO dfr_monitor;
  IF current_setting('server_version_num')::int >= 160000 THEN
    -- Lets it in when all others are refused, where reserved_connections is set.
    EXECUTE 'GRANT pg_use_reserved_connections TO dfr_monitor';
  END IF;
END
$$;

CREATE SCHEMA IF NOT EXISTS dfr_signals;
REVOKE ALL ON SCHEMA dfr_signals FROM PUBLIC;
GRANT USAGE ON SCHEMA dfr_signals TO dfr_monitor;

CREATE OR REPLACE FUNCTION dfr_signals.has_column(table_name text, column_name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = to_regclass('public.' || quote_ident(table_name)) AND attname = column_name AND NOT attisdropped
  )
$$;

-- Seconds by which each active cron is late; 0 when it is not. nextcall is UTC without a zone.
CREATE OR REPLACE FUNCTION dfr_signals.crons() RETURNS TABLE (cron text, overdue_seconds float8, failures float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT dfr_signals.has_column('ir_cron', 'nextcall') THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format(
    $q$
      SELECT coalesce(%s, 'cron')::text || ' (' || id || ')',
             greatest(0, extract(epoch FROM (now() AT TIME ZONE 'UTC') - nextcall))::float8,
             %s::float8
      FROM public.ir_cron
      WHERE active
    $q$,
    CASE WHEN dfr_signals.has_column('ir_cron', 'cron_name') THEN 'cron_name' ELSE 'NULL' END,
    -- Odoo counts failures from 18 on.
    CASE WHEN dfr_signals.has_column('ir_cron', 'failure_count') THEN 'coalesce(failure_count, 0)' ELSE 'NULL' END
  );
END
$$;

-- Mails by state, with 0 for the states that have none: a queue that became empty is a sample, not silence.
CREATE OR REPLACE FUNCTION dfr_signals.mails() RETURNS TABLE (state text, mails float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT dfr_signals.has_column('mail_mail', 'state') THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT known.state, count(mail.state)::float8
    FROM unnest(ARRAY['outgoing', 'sent', 'received', 'exception', 'cancel']) AS known (state)
    LEFT JOIN public.mail_mail AS mail ON mail.state = known.state
    GROUP BY known.state;
END
$$;

-- Jobs by state, where the module queue_job is installed.
CREATE OR REPLACE FUNCTION dfr_signals.jobs() RETURNS TABLE (state text, jobs float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT dfr_signals.has_column('queue_job', 'state') THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT known.state, count(job.state)::float8
    FROM unnest(ARRAY['wait_dependencies', 'pending', 'enqueued', 'started', 'done', 'cancelled', 'failed']) AS known (state)
    LEFT JOIN public.queue_job AS job ON job.state = known.state
    GROUP BY known.state;
END
$$;

-- People who may log in.
CREATE OR REPLACE FUNCTION dfr_signals.users() RETURNS TABLE (users float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF dfr_signals.has_column('res_users', 'active') THEN
    RETURN QUERY SELECT count(*)::float8 FROM public.res_users WHERE active;
  END IF;
END
$$;

-- Farmers who are active, and registrations ever made. Counts over big tables: asked less often.
CREATE OR REPLACE FUNCTION dfr_signals.active_farmers() RETURNS TABLE (farmers float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF dfr_signals.has_column('dfr_farmer', 'active') THEN
    RETURN QUERY SELECT count(*)::float8 FROM public.dfr_farmer WHERE active;
  ELSIF dfr_signals.has_column('dfr_farmer', 'id') THEN
    RETURN QUERY SELECT count(*)::float8 FROM public.dfr_farmer;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION dfr_signals.registrations() RETURNS TABLE (registrations float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF dfr_signals.has_column('dfr_registration', 'id') THEN
    RETURN QUERY SELECT count(*)::float8 FROM public.dfr_registration;
  ELSIF dfr_signals.has_column('dfr_farmer', 'id') THEN
    RETURN QUERY SELECT count(*)::float8 FROM public.dfr_farmer;
  END IF;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dfr_signals FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dfr_signals TO dfr_monitor;
