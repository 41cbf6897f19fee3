#!/bin/sh
# memcheck.sh BIN DEVICE: a run of the sample model under valgrind has no error and no leak.
. "$(dirname "$0")/common.sh"
device=$2
command -v valgrind >/dev/null || skip "no valgrind"
if ldd "$bin/rdu" | grep -Eq 'lib(a|t|ub)san'; then skip "this build has a sanitizer"; fi
models=$root/samples/models
"$bin/rducc" "$models/digits.onnx" -o "$work/digits.rdu"
valgrind --quiet --tool=memcheck --leak-check=full --errors-for-leak-kinds=definite,possible --error-exitcode=9 \
  "$bin/rdu" run "$work/digits.rdu" --device "$device" --input "$models/pictures/7.pgm"
