-- What remains in the store of entries that were written to a file and dropped: enough for the chain to go on from.
CREATE TABLE audit_segments (
  number integer PRIMARY KEY CHECK (number > 0),
  first_position bigint NOT NULL,
  last_position bigint NOT NULL,
  entries bigint NOT NULL CHECK (entries > 0 AND entries = last_position - first_position + 1),
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  previous_hash text NOT NULL,
  last_hash text NOT NULL,
  file_name text NOT NULL,
  file_sha256 text NOT NULL,
  sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- How far the chain was delivered to whom (`loki`): by position, since seq is not the order of commit.
CREATE TABLE audit_deliveries (
  receiver text PRIMARY KEY,
  position bigint NOT NULL,
  delivered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Events of the break-glass console that were taken: it tells each one until it is answered.
CREATE TABLE console_events (
  id uuid PRIMARY KEY,
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX audit_events_at ON audit_events (at);

-- An entry takes its link along.
ALTER TABLE audit_links DROP CONSTRAINT audit_links_seq_fkey;
ALTER TABLE audit_links ADD CONSTRAINT audit_links_seq_fkey
  FOREIGN KEY (seq) REFERENCES audit_events (seq) ON DELETE CASCADE;

-- Deleting is for what a segment covers, and a segment is never changed.
CREATE FUNCTION refuse_unsealed_audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  link_position bigint;
BEGIN
  IF TG_TABLE_NAME = 'audit_links' THEN
    link_position := OLD.position;
  ELSE
    SELECT l.position INTO link_position FROM audit_links l WHERE l.seq = OLD.seq;
  END IF;
  IF link_position IS NULL OR link_position > (SELECT coalesce(max(s.last_position), 0) FROM audit_segments s) THEN
    RAISE EXCEPTION 'the audit trail is append-only: DELETE on % is refused, no sealed segment covers the entry %',
      TG_TABLE_NAME, OLD.seq;
  END IF;
  RETURN OLD;
END $$;

DROP TRIGGER audit_events_append_only ON audit_events;
DROP TRIGGER audit_links_append_only ON audit_links;
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_links_append_only BEFORE UPDATE OR TRUNCATE ON audit_links
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_segments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_segments
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_events_delete BEFORE DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_unsealed_audit_delete();
CREATE TRIGGER audit_links_delete BEFORE DELETE ON audit_links
  FOR EACH ROW EXECUTE FUNCTION refuse_unsealed_audit_delete();
