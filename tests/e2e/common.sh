# What the scripts of this folder share. $1 is the folder of the built programs.
set -eu
bin=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
shared=${RDU_SHARED:-$root/../shared}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# Exit code 77: skipped, said aloud.
skip() {
  echo "skipped: $*"
  exit 77
}

need_model() {
  [ -f "$shared/models/$1/model.onnx" ] || skip "no model '$1' below $shared (set RDU_SHARED)"
}

# The command must fail with this exit code, and print these words.
expect_failure() {
  code=$1
  words=$2
  shift 2
  set +e
  "$@" >"$work/output" 2>&1
  got=$?
  set -e
  [ "$got" = "$code" ] || fail "'$*' exited with $got, expected $code: $(cat "$work/output")"
  grep -q -- "$words" "$work/output" || fail "'$*' did not say '$words' but: $(cat "$work/output")"
}

# The artifact $work/model.rdu of a shared model, with a variant for each of its data sets.
compile_with_data() {
  folder=$shared/models/$1
  set --
  for data in "$folder"/test_data_set_*; do set -- "$@" --data "$data"; done
  "$bin/rducc" "$folder/model.onnx" -o "$work/model.rdu" "$@"
}

# A peer with the arguments given, until this script ends: $endpoint, $health, and $device, the first that it offers.
begin_node() {
  : >"$work/node" # there to be read before the peer has said anything
  "$bin/rdu-node" --bind tcp://127.0.0.1:0 --http 0 --data "$work/peer" "$@" >"$work/node" 2>&1 &
  node=$!
  trap 'kill $node 2>/dev/null || true; wait $node 2>/dev/null || true; rm -rf "$work"' EXIT
  health=
  for _ in $(seq 200); do
    health=$(sed -n 's/^health  *//p' "$work/node") # the last line that a peer writes as it begins
    [ -z "$health" ] || break
    sleep 0.05
  done
  [ -n "$health" ] || fail "rdu-node did not begin: $(cat "$work/node")"
  device=$(sed -n 's/^device  *//p' "$work/node" | head -1)
  endpoint=$(sed -n 's/^listening  *//p' "$work/node")
}
