#!/bin/sh
# boundaries.sh BIN MODEL CHIP SHARE always|full: of a model in several sections, each moves what enters and leaves it, once,
# as the graph and the cut say it; what stays on the chip is brought there once for all runs; and a run moves at most SHARE
# percent of what it moves node by node.
. "$(dirname "$0")/common.sh"
model=$2
chip=$3
share=$4
[ "$5" = always ] || [ -n "${RDU_FULL:-}" ] || skip "compiles for a minute: only in a full check"
need_model "$model"
data=$shared/models/$model/test_data_set_0
for schedule in kernel spatial; do
  "$bin/rducc" "$shared/models/$model/model.onnx" -o "$work/$schedule.rdu" --data "$data" --target "$chip" --schedule $schedule
  "$bin/rdu" inspect "$work/$schedule.rdu" --measure --json >"$work/$schedule.json"
done
"$bin/rdu" verify "$work/spatial.rdu" --device "$chip" --data "$data"
python3 - "$work" "$share" <<'PYTHON'
import json, sys

folder, share = sys.argv[1], int(sys.argv[2])

def read(schedule):
    return json.load(open(f"{folder}/{schedule}.json"))["sections"]

def total(sections, what):
    return sum(section[what] for section in sections)

spatial = read("spatial")
setup = [section for section in spatial if section["setup"]]
run = [section for section in spatial if not section["setup"]]
node_by_node = total(read("kernel"), "dram_bytes")
moved, crossing = total(run, "dram_bytes"), total(run, "crossing_bytes")
print(len(run), "sections: moved", moved, "of", crossing, "that cross, set up", total(setup, "dram_bytes"), "node by node", node_by_node)
assert len(run) > 1
assert moved <= crossing
for section in run:
    # Whole bursts, and rows that two blocks share.
    assert section["dram_bytes"] <= section["crossing_bytes"] * 1.1, section
for section in setup:
    # Tiles of weights in pieces of about a burst, which may lie in two.
    assert section["dram_bytes"] <= section["crossing_bytes"] * 2, section
assert moved * 100 <= node_by_node * share
PYTHON
