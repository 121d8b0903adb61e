#!/bin/bash
# Odoo's database is made at the first start, and its administrator gets the password of the secret file.
# The mark is written in the same transaction as the password: an interrupted first start is done anew.
set -euo pipefail

conf=/run/secrets/odoo_conf

prepared() {
  PGPASSWORD=$(cat /run/secrets/postgres_odoo_password) psql -h postgres -U odoo -d dfr -tA \
    -c "SELECT 1 FROM ir_config_parameter WHERE key = 'dfr_ops.prepared'" 2>/dev/null | grep -q 1
}

if ! prepared; then
  echo 'First start: making the database. This takes a minute or two.' >&2
  odoo -c "$conf" -d dfr -i base --stop-after-init --no-http
  odoo shell -c "$conf" -d dfr --no-http < "$(dirname "$0")/setAdminPassword.py"
  prepared || { echo 'The database could not be prepared; the lines above say why.' >&2; exit 1; }
fi
# Also into a file, where mtail counts it.
exec odoo -c "$conf" 2> >(exec bash /etc/dfr-odoo/keepLog.sh /var/log/dfr/odoo.log)
