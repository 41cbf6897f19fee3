#!/bin/sh
# chip_share.sh BIN MODEL CHIP: at least 95 % of the model's operations are on the chip, the compiler and `rdu explain` agree on them, and an estimate of
# the cycles stands beside what the chip counts.
. "$(dirname "$0")/common.sh"
model=$2
chip=$3
need_model "$model"
data=$shared/models/$model/test_data_set_0
"$bin/rducc" "$shared/models/$model/model.onnx" -o "$work/m.rdu" --target "$chip" --schedule kernel --data "$data" --report "$work/report.json"
"$bin/rdu" explain "$work/m.rdu" --device "$chip" --json >"$work/explain.json"
"$bin/rdu" bench "$work/m.rdu" --device "$chip" --data "$data" --seconds 0.001 --json >"$work/bench.json"
python3 - "$work" "$chip" <<'PYTHON'
import json, sys

folder, chip = sys.argv[1:]
report, explained, bench = (json.load(open(f"{folder}/{name}.json")) for name in ("report", "explain", "bench"))
variant = explained["variants"][0]
placed = {row["device"]: row["operations"] for row in variant["devices"]}
compiled = report["variants"][0]["chips"][0]
print("operations", placed, "of", variant["operations"], "estimated", bench["estimated_cycles"], "counted", bench["cycles"])
assert sum(placed.values()) == variant["operations"] == compiled["flops"], compiled["flops"]
assert placed[chip] >= 0.95 * variant["operations"]
assert abs(placed[chip] / variant["operations"] - compiled["flops_share"]) < 1e-9
assert bench["estimated_cycles"] == compiled["estimated_cycles"] > 0
assert 0.5 < bench["cycles"] / bench["estimated_cycles"] < 2
PYTHON
