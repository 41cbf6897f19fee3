#!/bin/sh
# command_line.sh BIN: mistakes on the command line and in files get an exit code and words, never a crash.
. "$(dirname "$0")/common.sh"
models=$root/samples/models
"$bin/rducc" "$models/digits.onnx" -o "$work/digits.rdu"
"$bin/rdu" --version >/dev/null
"$bin/rdu" --help >/dev/null
for command in run verify bench inspect explain bisect diff devices completion; do
  "$bin/rdu" $command --help | grep -q Example || [ $command = verify ] || fail "rdu $command --help has no example"
done
"$bin/rdu" completion bash | bash -n
"$bin/rdu" devices | grep -q '^reference:'
"$bin/rdu" explain "$work/digits.rdu" --require 'cpu>=100%' >/dev/null
"$bin/rdu" inspect "$work/digits.rdu" >/dev/null
"$bin/rdu" explain "$work/digits.rdu" --nodes | grep -q 'became'
"$bin/rdu" explain "$work/digits.rdu" --op Conv --on cpu: | grep -q contract
"$bin/rdu" explain "$work/digits.rdu" --json | grep -q '"source_nodes"'
shares=$("$bin/rdu" explain "$work/digits.rdu" --device cpu: --device reference: --shares 1,1 --no-fallback)
echo "$shares" | grep -q '^[0-9-]* .* cpu:$' || fail "explain --shares shows no sections on cpu:: $shares"
echo "$shares" | grep -q '^[0-9-]* .* reference:$' || fail "explain --shares shows no sections on reference:: $shares"
expect_failure 2 "none of the" "$bin/rdu" explain "$work/digits.rdu" --node no_such_node
expect_failure 2 "numbered from 0" "$bin/rdu" explain "$work/digits.rdu" --variant 9
"$bin/rdu" bench "$work/digits.rdu" --seconds 0.1 --json | tail -n 1 | grep -q '"median_ms"'
"$bin/rdu" bench "$work/digits.rdu" --device cpu: --device 'cpu:?threads=1' --shares 2,1 --in-flight 4 --seconds 0.1 |
  grep -q 'in flight  4 runs'
XDG_CACHE_HOME=$work/cache "$bin/rdu" bench --machine | grep -q 'fp32 GFLOP/s'
XDG_CACHE_HOME=$work/cache "$bin/rdu" bench "$work/digits.rdu" --seconds 0.1 --profile --trace "$work/trace.json" | grep ' Conv ' | grep -q '[0-9] % *contract'
grep -q '"traceEvents"' "$work/trace.json"
expect_failure 2 "name an artifact" "$bin/rdu" bench
expect_failure 2 "2 numbers for 1 devices" "$bin/rdu" run "$work/digits.rdu" --device cpu: --shares 1,1
"$bin/rdu" run "$work/digits.rdu" --input "$models/pictures/3.pgm" --output-dir "$work/out" >/dev/null
"$bin/rdu" run "$work/digits.rdu" --input "image=$models/pictures/3.pgm" >/dev/null
[ -s "$work/out/output_0.npy" ]

"$bin/rdu" run "$work/digits.rdu" --input "$models/pictures/3.pgm" --dump "$work/tensors" >/dev/null 2>&1
[ -n "$(ls "$work/tensors")" ]
"$bin/rdu" bisect "$work/digits.rdu" --data "$models/digits_data" | grep -q 'all agree'
"$bin/rdu" bisect "$work/digits.rdu" --data "$models/digits_data" --memory 1 --json | grep -q '"agree":true'
expect_failure 1 "DIFFERS" "$bin/rdu" bisect "$work/digits.rdu" --data "$models/digits_data" --against "$work/tensors"
expect_failure 2 "give --data" "$bin/rdu" bisect "$work/digits.rdu"
expect_failure 2 "neither input_0.pb" "$bin/rdu" bisect "$work/digits.rdu" --data "$work/tensors"

expect_failure 1 "away: " "$bin/rdu" top 1 --once --seconds 0.1
expect_failure 1 '"away":' "$bin/rdu" top 127.0.0.1:1 --once --json
expect_failure 2 "prints as health" "$bin/rdu" top nowhere --once
expect_failure 2 "no_such.rdu" "$bin/rdu" run "$work/no_such.rdu"
head -c 1000 "$work/digits.rdu" >"$work/short.rdu"
expect_failure 2 "its prefix says" "$bin/rdu" inspect "$work/short.rdu"
expect_failure 2 "no_such" "$bin/rdu" run "$work/digits.rdu" --device no_such:
expect_failure 2 "image" "$bin/rdu" run "$work/digits.rdu"
expect_failure 2 "image" "$bin/rdu" run "$work/digits.rdu" --input "wrong=$models/pictures/3.pgm"
expect_failure 1 "cpu" "$bin/rdu" explain "$work/digits.rdu" --device reference: --require 'cpu>=1%'
