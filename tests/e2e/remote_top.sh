#!/bin/sh
# remote_top.sh BIN: rdu top shows a peer that is there and one that is not, to scripts and on a terminal, and leaves the
# terminal as it found it.
. "$(dirname "$0")/common.sh"
begin_node --device cpu: --device reference:
"$bin/rdu" top "$health" --once --json | grep -q '^{"peer":"127.0.0.1:[0-9]*",.*"uri":"reference:"'
table=$("$bin/rdu" top "$health" --once --seconds 0.1)
echo "$table" | grep -q '^ *127.0.0.1:[0-9]* *ready' || fail "no peer in: $table"
echo "$table" | grep -q ' cpu: *0 *0 % *0 *0 ' || fail "no device in: $table"

command -v script >/dev/null || skip "no script(1) to make a terminal with"
port=${health%/}
port=${port##*:}
# Faster, an early look, the end; 40 columns of the table and no more.
(sleep 0.3; printf '+ '; sleep 0.3; printf q) |
  script -qec "stty cols 40 rows 12; $bin/rdu top $port 1 --seconds 0.2; stty -a" /dev/null >"$work/screen"
grep -q 'every 0.1 s' "$work/screen" || fail "the key + did nothing: $(cat "$work/screen")"
grep -q 'away: Connection' "$work/screen" || fail "nothing of the peer that is away: $(cat "$work/screen")"
grep -q ' echo ' "$work/screen" || fail "the terminal does not echo any more: $(cat "$work/screen")"
! grep -q 'overloaded' "$work/screen" || fail "lines are longer than the terminal: $(cat "$work/screen")"
