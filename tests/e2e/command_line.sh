#!/bin/sh
# command_line.sh BIN: mistakes on the command line and in files get an exit code and words, never a crash.
. "$(dirname "$0")/common.sh"
models=$root/samples/models
"$bin/rducc" "$models/digits.onnx" -o "$work/digits.rdu"
"$bin/rdu" --version >/dev/null
"$bin/rdu" --help >/dev/null
for command in run verify bench inspect explain diff devices completion; do
  "$bin/rdu" $command --help | grep -q Example || [ $command = verify ] || fail "rdu $command --help has no example"
done
"$bin/rdu" completion bash | bash -n
"$bin/rdu" devices | grep -q '^reference:'
"$bin/rdu" explain "$work/digits.rdu" --require 'cpu>=100%' >/dev/null
"$bin/rdu" inspect "$work/digits.rdu" >/dev/null
"$bin/rdu" bench "$work/digits.rdu" --seconds 0.1 --json | tail -n 1 | grep -q '"median_ms"'
"$bin/rdu" run "$work/digits.rdu" --input "$models/pictures/3.pgm" --output-dir "$work/out" >/dev/null
"$bin/rdu" run "$work/digits.rdu" --input "image=$models/pictures/3.pgm" >/dev/null
[ -s "$work/out/output_0.npy" ]

expect_failure 2 "no_such.rdu" "$bin/rdu" run "$work/no_such.rdu"
head -c 1000 "$work/digits.rdu" >"$work/short.rdu"
expect_failure 2 "its prefix says" "$bin/rdu" inspect "$work/short.rdu"
expect_failure 2 "no_such" "$bin/rdu" run "$work/digits.rdu" --device no_such:
expect_failure 2 "image" "$bin/rdu" run "$work/digits.rdu"
expect_failure 2 "image" "$bin/rdu" run "$work/digits.rdu" --input "wrong=$models/pictures/3.pgm"
expect_failure 1 "cpu" "$bin/rdu" explain "$work/digits.rdu" --device reference: --require 'cpu>=1%'
