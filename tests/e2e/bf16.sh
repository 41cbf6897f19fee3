#!/bin/sh
# bf16.sh BIN MODEL CHIP: in bf16 a model yields what its data say, roughly, node by node and many nodes at once, and moves fewer bytes than in fp32.
. "$(dirname "$0")/common.sh"
model=$2
chip=$3
need_model "$model"
data=$shared/models/$model/test_data_set_0
for schedule in kernel spatial; do
  "$bin/rducc" "$shared/models/$model/model.onnx" -o "$work/$schedule.rdu" --target "$chip" --schedule $schedule --precision bf16
  "$bin/rdu" verify "$work/$schedule.rdu" --device "$chip" --data "$data" --range-tol 0.03 --top1
done
"$bin/rdu" verify "$work/kernel.rdu" --device cpu: --data "$data" --range-tol 0.03 --top1
"$bin/rducc" "$shared/models/$model/model.onnx" -o "$work/fp32.rdu" --target "$chip" --schedule kernel
for precision in kernel fp32; do
  "$bin/rdu" bench "$work/$precision.rdu" --device "$chip" --data "$data" --seconds 0.001 --json >"$work/$precision.json"
done
python3 - "$work" <<'PYTHON'
import json, sys

bf16, fp32 = (json.load(open(f"{sys.argv[1]}/{name}.json")) for name in ("kernel", "fp32"))
traffic = [sum(section["dram_bytes"] for section in run["sections"]) for run in (bf16, fp32)]
print("cycles", bf16["cycles"], fp32["cycles"], "bytes", *traffic)
assert bf16["cycles"] < fp32["cycles"]
assert traffic[0] * 4 < traffic[1] * 3
PYTHON
