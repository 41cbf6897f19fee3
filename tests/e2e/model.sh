#!/bin/sh
# model.sh BIN MODEL DEVICE always|full: the model compiles for its data and computes the expected outputs.
. "$(dirname "$0")/common.sh"
model=$2 device=$3 when=$4
need_model "$model"
[ "$when" = always ] || [ -n "${RDU_FULL:-}" ] || skip "over 1 GFLOP: only in a full check"
dir=$shared/models/$model
"$bin/rducc" "$dir/model.onnx" -o "$work/model.rdu" --data "$dir/test_data_set_0"
"$bin/rdu" verify "$work/model.rdu" --device "$device" --no-fallback --data "$dir/test_data_set_0"
