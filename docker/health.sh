#!/bin/bash
# A container's health check: bash docker/health.sh PORT PATH. Ends with 0 when the answer is 200.
# Node would take a hundred times as long to start, every few seconds, in each container.
exec 3<> "/dev/tcp/127.0.0.1/$1" || exit 1
printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$2" "$1" >&3
read -r -t 5 _ status _ <&3
[ "$status" = 200 ]
