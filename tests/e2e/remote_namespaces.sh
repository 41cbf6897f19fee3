#!/bin/sh
# remote_namespaces.sh BIN: a peer with keys in a network of its own, behind a cable that is pulled and put back. A run
# that may wait is served when it is back, one that may not ends with the reason, and the device works afterwards.
if [ -z "${RDU_IP:-}" ]; then
  RDU_IP=$(PATH=$PATH:/usr/sbin command -v ip) || { echo "skipped: no program 'ip'"; exit 77; }
  export RDU_IP
  unshare -Urn "$RDU_IP" link add rdu0 type veth peer name rdu1 2>/dev/null ||
    { echo "skipped: this user may not make network namespaces"; exit 77; }
  exec timeout -k 5 120 unshare -Urn sh "$0" "$@"
fi
. "$(dirname "$0")/common.sh"
need_model mnist_8
compile_with_data mnist_8
data="$shared/models/mnist_8/test_data_set_0"

"$bin/rdu-node" keygen "$work/node.key" >/dev/null
"$bin/rdu-node" keygen "$work/client.key" >"$work/client.public"
echo "$(cat "$work/client.public") client run,upload" >"$work/clients"
export RDU_REMOTE_KEY_FILE="$work/client.key"

# Two networks, and a cable from one to the other.
unshare -n sleep 120 &
there=$!
trap 'kill $there ${node:-} 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  "$RDU_IP" link add rdu0 type veth peer name rdu1 netns $there 2>/dev/null && break
  sleep 0.05
done
"$RDU_IP" addr add 10.77.0.1/30 dev rdu0
"$RDU_IP" link set rdu0 up
in_there() { nsenter -t $there -n "$@"; }
in_there "$RDU_IP" link set lo up
in_there "$RDU_IP" addr add 10.77.0.2/30 dev rdu1
in_there "$RDU_IP" link set rdu1 up
nsenter -t $there -n "$bin/rdu-node" --bind tcp://10.77.0.2:7070 --no-http --key "$work/node.key" --allow "$work/clients" \
  --data "$work/peer" >"$work/node" 2>&1 &
node=$!
for _ in $(seq 200); do grep -q '^device' "$work/node" && break; sleep 0.05; done
device=$(sed -n 's/^device  *//p' "$work/node")
[ -n "$device" ] || fail "rdu-node did not begin: $(cat "$work/node")"

use() { "$bin/rdu" run "$work/model.rdu" --device "$device" --no-fallback --data "$data" >"$work/run" 2>&1; }
bench() { "$bin/rdu" bench "$work/model.rdu" --device "$device&$1" --no-fallback --seconds 3 >"$work/bench" 2>&1; }
use || fail "over the cable: $(cat "$work/run")"

bench "timeout_ms=30000&liveness_ms=1000" &
patient=$!
sleep 1
"$RDU_IP" link set rdu0 down
sleep 2
"$RDU_IP" link set rdu0 up
wait $patient || fail "a patient client was not served: $(cat "$work/bench")"

bench "timeout_ms=500&liveness_ms=500" &
impatient=$!
sleep 1
"$RDU_IP" link set rdu0 down
if wait $impatient; then fail "runs without a cable: $(cat "$work/bench")"; fi
grep -Eq 'silent|reachable|away|no peer|greet' "$work/bench" || fail "no reason in: $(cat "$work/bench")"
"$RDU_IP" link set rdu0 up
use || fail "after the cable was put back: $(cat "$work/run")"
