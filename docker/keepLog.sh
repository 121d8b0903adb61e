#!/bin/bash
# keepLog.sh FILE [BYTES] [SECONDS]: shows what it reads, and keeps it in FILE, where mtail counts it. The file is new at each
# start, is looked at every so many seconds and emptied when it holds more than BYTES. mtail then reads on from its beginning.
set -u
file=$1
limit=${2:-52428800}
every=${3:-5}

: > "$file"
# Appending: after the file was emptied, what comes next stands at its beginning.
tee -a "$file" <&0 >&2 &
copy=$!
while kill -0 "$copy" 2>/dev/null; do
  if [ "$(stat -c %s "$file" 2>/dev/null || echo 0)" -gt "$limit" ]; then
    : > "$file"
  fi
  sleep "$every" &
  wait -n
done
