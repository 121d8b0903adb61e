#!/bin/bash
# PostgreSQL as the image starts it, with its log also in a file, where mtail counts it.
set -euo pipefail
exec docker-entrypoint.sh "$@" 2> >(exec bash /etc/dfr-postgres/keepLog.sh /var/log/dfr/postgres.log)
