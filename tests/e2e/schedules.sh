#!/bin/sh
# schedules.sh BIN MODEL CHIP SHARE: many nodes at once yield what the model's data say, with fewer cycles than node by node and at most SHARE
# percent of its memory traffic.
. "$(dirname "$0")/common.sh"
model=$2
chip=$3
share=$4
need_model "$model"
data=$shared/models/$model/test_data_set_0
for schedule in kernel spatial; do
  "$bin/rducc" "$shared/models/$model/model.onnx" -o "$work/$schedule.rdu" --target "$chip" --schedule $schedule
  "$bin/rdu" verify "$work/$schedule.rdu" --device "$chip" --data "$data"
  "$bin/rdu" bench "$work/$schedule.rdu" --device "$chip" --data "$data" --seconds 0.001 --json >"$work/$schedule.json"
done
python3 - "$work" "$share" <<'PYTHON'
import json, sys

folder, share = sys.argv[1], int(sys.argv[2])
kernel, spatial = (json.load(open(f"{folder}/{name}.json")) for name in ("kernel", "spatial"))
traffic = [sum(section["dram_bytes"] for section in run["sections"]) for run in (kernel, spatial)]
print("cycles", kernel["cycles"], spatial["cycles"], "bytes", *traffic)
assert spatial["cycles"] < kernel["cycles"]
assert traffic[1] * 100 <= traffic[0] * share
PYTHON
