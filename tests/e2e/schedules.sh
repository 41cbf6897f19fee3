#!/bin/sh
# schedules.sh BIN MODEL CHIP SHARE: every schedule yields what the model's data say. What stays in scratchpads between kernels saves memory
# traffic; many nodes at once take fewer cycles than node by node, and at most SHARE percent of the traffic of a run, as a run is when the chip is
# set up.
. "$(dirname "$0")/common.sh"
model=$2
chip=$3
share=$4
need_model "$model"
data=$shared/models/$model/test_data_set_0
for schedule in kernel kernel-sram spatial; do
  "$bin/rducc" "$shared/models/$model/model.onnx" -o "$work/$schedule.rdu" --data "$data" --target "$chip" --schedule $schedule
  "$bin/rdu" verify "$work/$schedule.rdu" --device "$chip" --data "$data"
  "$bin/rdu" bench "$work/$schedule.rdu" --device "$chip" --data "$data" --seconds 0.001 --json >"$work/$schedule.json"
done
"$bin/rdu" inspect "$work/spatial.rdu" --json >"$work/inspect.json"
"$bin/rdu" inspect "$work/spatial.rdu" --measure --json >"$work/sections.json"
python3 - "$work" "$share" <<'PYTHON'
import json, math, sys

folder, share = sys.argv[1], int(sys.argv[2])
names = ("kernel", "kernel-sram", "spatial")
kernel, handed, spatial = (json.load(open(f"{folder}/{name}.json")) for name in names)
runs = (kernel, handed, spatial)
traffic = [sum(section["dram_bytes"] for section in run["sections"]) for run in runs]
print("cycles", *(run["cycles"] for run in runs), "bytes", *traffic, "set up", spatial["setup"]["dram_bytes"])
assert handed["cycles"] <= kernel["cycles"] and traffic[1] < traffic[0]
assert spatial["cycles"] < kernel["cycles"]
assert traffic[2] * 100 <= traffic[0] * share

# Everything is one section: inputs, weights and outputs move once, in whole bursts.
assert len(spatial["sections"]) == 1
signature = json.load(open(f"{folder}/inspect.json"))["signatures"][0]
variant = signature["variants"][0]
shapes = [tensor["shape"] for tensor in signature["inputs"] + signature["outputs"]]
extents = [[variant["dims"].get(dim, dim) for dim in shape] for shape in shapes]
once = sum(4 * math.prod(shape) for shape in extents) + variant["weight_bytes"]
print("of", once, "bytes")
assert traffic[2] + spatial["setup"]["dram_bytes"] <= once * 1.1
# The tool says the same of what crosses the section's border.
sections = json.load(open(f"{folder}/sections.json"))["sections"]
crossing = sum(section["crossing_bytes"] for section in sections if not section["setup"])
assert once * 0.99 <= crossing <= once * 1.01, crossing
assert kernel["setup"]["cycles"] == handed["setup"]["cycles"] == 0 < spatial["setup"]["cycles"]
PYTHON
