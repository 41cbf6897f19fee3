#!/bin/sh
# remote_model.sh BIN MODEL: the model computes the same bits on the cpu of a peer as on the cpu here, and the peer holds
# all of it; the second time nothing but hashes is sent.
. "$(dirname "$0")/common.sh"
model=$2
need_model "$model"
compile_with_data "$model"
"$bin/rdu-node" --bind tcp://127.0.0.1:0 --no-http --data "$work/peer" >"$work/node" 2>&1 &
node=$!
trap 'kill $node 2>/dev/null || true; wait $node 2>/dev/null || true; rm -rf "$work"' EXIT
device=
for _ in $(seq 200); do
  device=$(sed -n 's/^device  *//p' "$work/node" | head -1)
  [ -z "$device" ] || break
  sleep 0.05
done
[ -n "$device" ] || fail "rdu-node did not begin: $(cat "$work/node")"
for options in "" "?shared_memory=0"; do
  "$bin/rdu" verify "$work/model.rdu" --device "$device$options" --no-fallback --exact-with cpu: \
    --data "$shared/models/$model"
done
