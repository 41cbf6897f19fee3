#!/bin/sh
# model.sh BIN MODEL DEVICE always|full: the model compiles for all its data sets and computes the expected outputs of
# each, and of its stream where it has one.
. "$(dirname "$0")/common.sh"
model=$2 device=$3 when=$4
need_model "$model"
[ "$when" = always ] || [ -n "${RDU_FULL:-}" ] || skip "over 1 GFLOP: only in a full check"
dir=$shared/models/$model
compile_with_data "$model"
# 8-bit models: the next quantum is a right answer too (see the models' own README).
case $model in
  *_qdq | *_quantized) judge="--min-cosine 0.99 --top1" ;;
  *) judge= ;;
esac
"$bin/rdu" verify "$work/model.rdu" --device "$device" --no-fallback --data "$dir" $judge
[ ! -f "$dir/sequence.npz" ] ||
  "$bin/rdu" verify "$work/model.rdu" --device "$device" --no-fallback --data "$dir/test_data_set_0" \
    --sequence "$dir/sequence.npz"
