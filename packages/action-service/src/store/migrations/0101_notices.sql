-- What people are to be told. Written before it is sent; sent again until it is accepted, refused or too late.
CREATE TABLE notices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- A second notice of the same reference is the same notice; the provider is told it too.
  reference text NOT NULL UNIQUE,
  incident_id text REFERENCES incidents (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('sms_firing', 'sms_repeat', 'sms_resolved', 'sms_watchdog', 'email_resolved')),
  recipient text NOT NULL,
  subject text,
  text text NOT NULL,
  html text,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'accepted', 'delivered', 'failed', 'dropped')),
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  accepted_at timestamptz,
  delivered_at timestamptz,
  provider_id text,
  error text
);
CREATE INDEX notices_due ON notices (due_at) WHERE state IN ('queued', 'sending');
CREATE INDEX notices_of_incident ON notices (incident_id);
