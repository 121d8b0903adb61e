-- One instance of an alert, from its breach to its recovery.
CREATE TABLE incidents (
  id text PRIMARY KEY,
  fingerprint text NOT NULL,
  alert_name text NOT NULL,
  labels jsonb NOT NULL,
  annotations jsonb NOT NULL,
  -- Who knows its rule: prometheus, or only alertmanager (another Prometheus, Loki's ruler).
  origin text NOT NULL CHECK (origin IN ('prometheus', 'alertmanager')),
  state text NOT NULL CHECK (state IN ('pending', 'firing', 'sight_lost', 'resolved')),
  opened_at timestamptz NOT NULL,
  firing_at timestamptz,
  normal_at timestamptz,
  resolved_at timestamptz,
  first_value double precision,
  last_value double precision,
  -- Evaluation at which the alert was last seen active: a sample must be newer to prove recovery.
  last_seen_at timestamptz NOT NULL,
  -- Alertmanager's end of the alert while it was active; some minutes ahead.
  expected_end timestamptz,
  silenced_by text[] NOT NULL DEFAULT '{}',
  previous_id text REFERENCES incidents (id) ON DELETE SET NULL,
  next_id text REFERENCES incidents (id) ON DELETE SET NULL,
  -- A pending alert that went away without firing: kept a day for those who look, and listed nowhere.
  dropped boolean NOT NULL DEFAULT false
);
-- Identity: fingerprint and open or closed, never a start time.
CREATE UNIQUE INDEX incidents_open ON incidents (fingerprint) WHERE resolved_at IS NULL;
CREATE INDEX incidents_newest ON incidents (opened_at DESC) WHERE NOT dropped;
CREATE INDEX incidents_of_alert ON incidents (fingerprint, opened_at DESC) WHERE NOT dropped;

CREATE TABLE moments (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident_id text NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
  kind text NOT NULL,
  -- Tells moments of one kind apart: '' where there is one only, else a run, a notice or an instant.
  key text NOT NULL DEFAULT '',
  at timestamptz NOT NULL,
  source text NOT NULL,
  text text NOT NULL,
  run_id text,
  UNIQUE (incident_id, kind, key)
);

-- That somebody works on it: a record of ours, never a silence.
CREATE TABLE acknowledgements (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident_id text NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
  by text NOT NULL,
  at timestamptz NOT NULL,
  until timestamptz NOT NULL,
  comment text NOT NULL,
  ended_at timestamptz
);
CREATE INDEX acknowledgements_of_incident ON acknowledgements (incident_id, seq DESC);

CREATE TABLE heartbeats (name text PRIMARY KEY, heard_at timestamptz NOT NULL);
