#!/bin/bash
# PostgreSQL as the image starts it, with its log also in a file, where mtail counts it; a new one at each start.
set -euo pipefail
exec docker-entrypoint.sh "$@" 2> >(exec tee /var/log/dfr/postgres.log >&2)
