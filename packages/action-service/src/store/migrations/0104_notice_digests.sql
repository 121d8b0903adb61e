ALTER TABLE notices
  -- The one SMS that this one was told with, in a storm.
  ADD COLUMN digest_id bigint REFERENCES notices (id) ON DELETE SET NULL,
  -- How often a person had it sent again after it was given up, and since when it is tried now; NULL: since it was written.
  ADD COLUMN resends integer NOT NULL DEFAULT 0,
  ADD COLUMN tried_since timestamptz;
ALTER TABLE notices DROP CONSTRAINT notices_state_check;
ALTER TABLE notices ADD CONSTRAINT notices_state_check CHECK (state IN
  ('queued', 'sending', 'digested', 'accepted', 'delivered', 'failed', 'dropped'));
CREATE INDEX notices_of_digest ON notices (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX notices_of_number ON notices (recipient, accepted_at) WHERE kind LIKE 'sms%';
