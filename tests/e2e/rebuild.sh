#!/bin/sh
# rebuild.sh BIN: two builds of one artifact are the same bytes, and `rdu diff` sees a difference where there is one.
. "$(dirname "$0")/common.sh"
model=$root/samples/models/digits.onnx
"$bin/rducc" "$model" -o "$work/a.rdu"
"$bin/rducc" "$model" -o "$work/b.rdu"
cmp "$work/a.rdu" "$work/b.rdu"
"$bin/rdu" diff "$work/a.rdu" "$work/b.rdu"
for name in ${RDU_FULL:+resnet18 vit_tiny} mobilenet_v2 bert_mini; do
  [ -f "$shared/models/$name/model.onnx" ] || continue
  dir=$shared/models/$name
  "$bin/rducc" "$dir/model.onnx" -o "$work/c.rdu" --data "$dir/test_data_set_0"
  "$bin/rducc" "$dir/model.onnx" -o "$work/d.rdu" --data "$dir/test_data_set_0"
  cmp "$work/c.rdu" "$work/d.rdu"
  expect_failure 1 "differ" "$bin/rdu" diff "$work/a.rdu" "$work/c.rdu"
done
