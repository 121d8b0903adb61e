#!/bin/sh
# One container is here what one host is in production: Nginx, its agent beside it as the same user, and their logs.
# Nginx goes to the background: when it dies, the container stays, the alert comes, and the agent can start it again.
set -eu
logs=/var/lib/dfr-nginx/log
serve() { nginx -p "$NGINX_PREFIX" -c "$NGINX_CONF" -e "$NGINX_ERROR_LOG" "$@"; }

# Nginx writes to files, where mtail counts and the agent reads; shown here as its own image would show them.
touch "$logs/access.log" "$NGINX_ERROR_LOG"
tail -q -n 0 -F "$logs/access.log" &
tail -q -n 0 -F "$NGINX_ERROR_LOG" >&2 &

while :; do
  node packages/agent/src/main.ts >&2 || true
  sleep 1
done &

stop() {
  serve -s quit 2>/dev/null || true
  while [ -s "$NGINX_PID_FILE" ] && kill -0 "$(cat "$NGINX_PID_FILE")" 2>/dev/null; do
    sleep 0.2
  done
  exit 0
}
trap stop TERM INT QUIT
serve || echo 'Nginx did not start; the agent waits to start it once its configuration is mended.' >&2
wait
