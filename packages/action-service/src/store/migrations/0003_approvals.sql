-- Who may agree to a run, who did without, what it takes back, and whether it may be stopped while it acts.
ALTER TABLE previews
  ADD COLUMN rollback_of text,
  ADD COLUMN approvers jsonb NOT NULL DEFAULT '{"users": [], "roles": []}';

ALTER TABLE runs
  ADD COLUMN approvers jsonb NOT NULL DEFAULT '{"users": [], "roles": []}',
  ADD COLUMN overridden_by text,
  ADD COLUMN rollback_of text REFERENCES runs (id),
  ADD COLUMN cancellable boolean NOT NULL DEFAULT false,
  ADD COLUMN cancel_by text;
CREATE INDEX runs_of_person ON runs (requested_by, action_id, created_at DESC);
-- Watched for ten minutes after their end, for a relapse.
CREATE INDEX runs_recovered ON runs (finished_at) WHERE state = 'succeeded' AND alert ->> 'state' = 'normal';

-- The switch that freezes every action. The newest row that has not ended holds.
CREATE TABLE freezes (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reason text NOT NULL,
  frozen_by text NOT NULL,
  frozen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  until timestamptz NOT NULL,
  ended_at timestamptz,
  ended_by text
);
