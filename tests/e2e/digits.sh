#!/bin/sh
# digits.sh BIN: the sample model recognises every picture, on both devices, and verifies against its own reference.
. "$(dirname "$0")/common.sh"
models=$root/samples/models
"$bin/rducc" "$models/digits.onnx" -o "$work/digits.rdu"
for device in cpu: reference:; do
  "$bin/rdu" verify "$work/digits.rdu" --device "$device" --data "$models/digits_data"
  for digit in 0 1 2 3 4 5 6 7 8 9; do
    "$bin/rdu" run "$work/digits.rdu" --device "$device" --input "$models/pictures/$digit.pgm" --top 1 --json |
      grep -q "\"top\":\[{\"index\":$digit," || fail "$device takes picture $digit for another digit"
  done
done
