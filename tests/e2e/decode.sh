#!/bin/sh
# decode.sh BIN MODEL DEVICE LAYERS DECODE: a language model decodes 64 tokens from one load, as the program DECODE says;
# the tools show what grows and time a step at any length.
. "$(dirname "$0")/common.sh"
model=$2 device=$3 layers=$4 decode=$5
need_model "$model"
onnx=$shared/models/$model/model.onnx
set --
layer=0
while [ $layer -lt "$layers" ]; do
  for x in k v; do set -- "$@" --state "present_${x}_$layer=past_${x}_$layer:2,64"; done
  layer=$((layer + 1))
done
for seq in 1 32 64; do set -- "$@" --variant "batch=1,seq=$seq"; done
"$bin/rducc" "$onnx" -o "$work/growing.rdu" "$@"
"$bin/rducc" "$onnx" -o "$work/plain.rdu" --variant batch=1,seq=64,past=0
"$decode" "$device" "$work/growing.rdu" "$work/plain.rdu"
"$bin/rdu" inspect "$work/growing.rdu" | grep -q "past_k_0: .*(state, grows along 2, room for 64)" ||
  fail "inspect does not show what grows"
"$bin/rdu" bench "$work/growing.rdu" --device "$device" --length 63 --seconds 0.05 >"$work/output"
expect_failure 2 "holds 64 of 64 positions along dimension 2; this run appends 1" \
  "$bin/rdu" bench "$work/growing.rdu" --device "$device" --length 64 --seconds 0.05
