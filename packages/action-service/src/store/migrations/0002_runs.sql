-- What a person was shown, until they run it. The token itself is never stored, only its SHA-256.
CREATE TABLE previews (
  token_hash text PRIMARY KEY,
  person text NOT NULL,
  action_id text NOT NULL,
  target_kind text NOT NULL,
  target_name text NOT NULL,
  parameters jsonb NOT NULL,
  -- What the run may touch at most, in the action's own form.
  snapshot jsonb NOT NULL,
  approval text NOT NULL,
  fingerprint text,
  alert_name text,
  alert_labels jsonb,
  incident_id text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL
);

CREATE TABLE runs (
  id text PRIMARY KEY,
  token_hash text NOT NULL UNIQUE,
  -- SHA-256 of the request's body: the same token with another body is refused.
  body_hash text NOT NULL,
  action_id text NOT NULL,
  title text NOT NULL,
  target_kind text NOT NULL,
  target_name text NOT NULL,
  risk text NOT NULL,
  lock text NOT NULL,
  parameters jsonb NOT NULL,
  snapshot jsonb NOT NULL,
  reason text NOT NULL,
  requested_by text NOT NULL,
  state text NOT NULL,
  effect jsonb NOT NULL,
  alert jsonb NOT NULL,
  next_step text,
  outcome text NOT NULL DEFAULT '',
  fingerprint text,
  alert_name text,
  alert_labels jsonb,
  incident_id text,
  rollback text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz,
  acted_at timestamptz,
  finished_at timestamptz,
  -- Seq of its newest event.
  last_seq integer NOT NULL DEFAULT 0,
  approval text NOT NULL,
  approved_by text,
  -- Until then somebody else may approve it, where that is asked for.
  approve_until timestamptz,
  -- Advisory lock number that the process working on it holds while it lives; null: nobody works on it.
  worker integer
);
CREATE INDEX runs_newest ON runs (created_at DESC);
CREATE INDEX runs_unfinished ON runs (state) WHERE finished_at IS NULL;
CREATE INDEX runs_of_incident ON runs (incident_id) WHERE incident_id IS NOT NULL;
CREATE INDEX runs_of_alert ON runs (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX runs_of_target ON runs (target_kind, target_name, action_id, created_at DESC);

CREATE TABLE run_events (
  run_id text NOT NULL REFERENCES runs (id),
  seq integer NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind text NOT NULL,
  text text NOT NULL,
  -- The run as it stood after this event, as it goes over the wire.
  run jsonb NOT NULL,
  PRIMARY KEY (run_id, seq)
);
