-- How soon a person is to acknowledge and to resolve, as Prometheus told last (dfr_ops_response_target_seconds, from the values).
CREATE TABLE response_targets (
  severity text NOT NULL,
  step text NOT NULL CHECK (step IN ('acknowledge', 'resolve')),
  seconds double precision NOT NULL,
  PRIMARY KEY (severity, step)
);

ALTER TABLE incidents
  -- The targets that held when it fired; NULL: its severity had none.
  ADD COLUMN acknowledge_seconds double precision,
  ADD COLUMN resolve_seconds double precision,
  -- How often the target to acknowledge has passed and the next contacts were told, and when last.
  ADD COLUMN escalation_level integer NOT NULL DEFAULT 0,
  ADD COLUMN escalated_at timestamptz,
  -- Nobody is left to be told.
  ADD COLUMN escalation_ended boolean NOT NULL DEFAULT false;

-- Nobody is told today of what went by before this was kept.
UPDATE incidents SET escalation_ended = true WHERE resolved_at IS NULL;
UPDATE acknowledgements SET ended_at = until WHERE ended_at IS NULL AND until <= clock_timestamp();

ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (kind ~ '^(sms|email)_[a-z_]+$');
