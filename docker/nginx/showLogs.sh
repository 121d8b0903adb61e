#!/bin/sh
# Nginx writes its logs to files, where mtail counts them and the agent reads them. This shows them as a container's
# output too, as Nginx' own image would: access on stdout, errors on stderr. It also holds the namespaces in which Nginx
# and its agent run, so that either may end without the other.
set -eu
touch "$1/access.log" "$1/error.log"
tail -q -n 0 -F "$1/error.log" >&2 &
exec tail -q -n 0 -F "$1/access.log"
