-- The demonstration's bounds: seconds instead of minutes. Never run this in production.
UPDATE dfr_ops.bounds SET min_idle = '1 second', min_age = '1 second', upkeep_every = '5 seconds';
