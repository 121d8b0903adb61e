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

-- Crons that Odoo has switched off by itself because they failed too often (18 and later). It sets their count back to 0, so
-- only a trace is left: it notes the run (lastcall) and not its own change (write_date), while a change by a person or a module
-- is always noted. Not a database that was neutralized as a copy, nor a cron whose last run asked to be switched off.
CREATE OR REPLACE FUNCTION dfr_signals.deactivated_crons() RETURNS TABLE (cron text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  neutralized boolean := false;
BEGIN
  IF NOT (dfr_signals.has_column('ir_cron', 'failure_count') AND dfr_signals.has_column('ir_cron', 'write_date')) THEN
    RETURN;
  END IF;
  IF dfr_signals.has_column('ir_config_parameter', 'key') THEN
    SELECT EXISTS (
      SELECT FROM public.ir_config_parameter
      WHERE key = 'database.is_neutralized' AND lower(value) NOT IN ('', 'false', '0')
    ) INTO neutralized;
  END IF;
  IF neutralized THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format(
    $q$
      SELECT coalesce(%s, 'cron')::text || ' (' || id || ')'
      FROM public.ir_cron
      WHERE NOT active AND lastcall > write_date AND NOT %s
    $q$,
    CASE WHEN dfr_signals.has_column('ir_cron', 'cron_name') THEN 'cron_name' ELSE 'NULL' END,
    CASE
      WHEN dfr_signals.has_column('ir_cron_progress', 'deactivate')
        THEN 'coalesce((SELECT p.deactivate FROM public.ir_cron_progress p WHERE p.cron_id = ir_cron.id ORDER BY p.id DESC LIMIT 1), false)'
      ELSE 'false'
    END
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

-- Age of the oldest job that waits (pending; since it may run), that a runner has taken (enqueued) or that is at work (started);
-- 0 where there is none.
CREATE OR REPLACE FUNCTION dfr_signals.job_ages() RETURNS TABLE (state text, oldest_seconds float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT (
    dfr_signals.has_column('queue_job', 'state') AND dfr_signals.has_column('queue_job', 'date_created')
    AND dfr_signals.has_column('queue_job', 'date_enqueued') AND dfr_signals.has_column('queue_job', 'date_started')
  ) THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format(
    $q$
      SELECT known.state,
             coalesce(max(greatest(0, extract(epoch FROM (now() AT TIME ZONE 'UTC') - CASE known.state
               WHEN 'pending' THEN greatest(job.date_created, %s)
               WHEN 'enqueued' THEN job.date_enqueued
               ELSE job.date_started END))), 0)::float8
      FROM unnest(ARRAY['pending', 'enqueued', 'started']) AS known (state)
      LEFT JOIN public.queue_job AS job ON job.state = known.state
      GROUP BY known.state
    $q$,
    CASE WHEN dfr_signals.has_column('queue_job', 'eta') THEN 'job.eta' ELSE 'NULL' END
  );
END
$$;

-- Modules that wait to be installed, upgraded or removed. While one does, Odoo runs no cron at all.
CREATE OR REPLACE FUNCTION dfr_signals.pending_modules() RETURNS TABLE (state text, modules float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT dfr_signals.has_column('ir_module_module', 'state') THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT known.state, count(module.state)::float8
    FROM unnest(ARRAY['to install', 'to upgrade', 'to remove']) AS known (state)
    LEFT JOIN public.ir_module_module AS module ON module.state = known.state
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

-- Sessions at work (Odoo 18 and later). Odoo notes a session's activity once an hour, hence a little more than one.
CREATE OR REPLACE FUNCTION dfr_signals.sessions() RETURNS TABLE (sessions float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF dfr_signals.has_column('res_device_log', 'revoked') AND dfr_signals.has_column('res_device_log', 'last_activity') THEN
    RETURN QUERY
      SELECT count(DISTINCT session_identifier)::float8 FROM public.res_device_log
      WHERE revoked IS NOT TRUE AND last_activity > (now() AT TIME ZONE 'UTC') - interval '65 min';
  END IF;
END
$$;

-- People who logged in within the last day. Odoo keeps at least the last login of each.
CREATE OR REPLACE FUNCTION dfr_signals.logins() RETURNS TABLE (users float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF dfr_signals.has_column('res_users_log', 'create_uid') AND dfr_signals.has_column('res_users_log', 'create_date') THEN
    RETURN QUERY
      SELECT count(DISTINCT create_uid)::float8 FROM public.res_users_log
      WHERE create_date > (now() AT TIME ZONE 'UTC') - interval '1 day';
  END IF;
END
$$;

-- People with a page open. The table is bus_presence up to 18 and mail_presence from 19 on; a page reports each minute.
CREATE OR REPLACE FUNCTION dfr_signals.online_users() RETURNS TABLE (users float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  presence text;
BEGIN
  FOREACH presence IN ARRAY ARRAY['mail_presence', 'bus_presence'] LOOP
    IF dfr_signals.has_column(presence, 'last_poll') AND dfr_signals.has_column(presence, 'user_id') THEN
      RETURN QUERY EXECUTE format(
        $q$
          SELECT count(DISTINCT user_id)::float8 FROM public.%I
          WHERE status <> 'offline' AND last_poll > (now() AT TIME ZONE 'UTC') - interval '2 min'
        $q$,
        presence
      );
      RETURN;
    END IF;
  END LOOP;
END
$$;

-- Bytes of the filestore. Files of one content are kept once, so each checksum counts once. Reads the whole table: asked less often.
CREATE OR REPLACE FUNCTION dfr_signals.filestore_bytes() RETURNS TABLE (bytes float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF dfr_signals.has_column('ir_attachment', 'store_fname') AND dfr_signals.has_column('ir_attachment', 'checksum') THEN
    RETURN QUERY
      SELECT coalesce(sum(content.size), 0)::float8
      FROM (
        SELECT max(file_size) AS size FROM public.ir_attachment WHERE store_fname IS NOT NULL GROUP BY checksum
      ) AS content;
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
