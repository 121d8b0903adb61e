-- The audit trail. Rows are only ever added: the trigger refuses everything else, whoever asks.
CREATE TABLE audit_events (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  data jsonb NOT NULL DEFAULT '{}'
);

-- The chain over it. A transaction that commits late has a low seq, so the chain has an order of its own.
CREATE TABLE audit_links (
  position bigint PRIMARY KEY,
  seq bigint NOT NULL UNIQUE REFERENCES audit_events (seq),
  previous_hash text NOT NULL,
  hash text NOT NULL
);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END $$;

CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_links_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_links
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
