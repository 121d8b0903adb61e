-- Who is told of the end, as the route of Alertmanager says that told the beginning. NULL: it did not say; then the
-- addresses of MAIL_TO, and every number that was told.
ALTER TABLE incidents
  ADD COLUMN resolved_mail_to text[],
  ADD COLUMN resolved_sms boolean;
