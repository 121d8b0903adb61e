-- Notices of runs (somebody is to approve one, one of high risk was begun) are of no incident. A kind says its channel first.
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (kind ~ '^(sms|email)_[a-z_]+$');
