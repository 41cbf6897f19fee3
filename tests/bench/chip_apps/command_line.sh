#!/bin/sh
# The program itself: every kernel with its standard parameters prints one line of JSON, twice the same, and mistakes end with 2.
#   command_line.sh RDU_CHIP_APPS
set -eu
program=$1
for app in dotproduct sumsquare outerproduct tpchq6 blackscholes gemm gda kmeans logreg sgd; do
  "$program" list | grep -q "^$app: " || { echo "list lacks $app"; exit 1; }
  line=$("$program" "$app")
  echo "$line"
  echo "$line" | grep -Eq "^\{\"app\":\"$app\",\"cycles\":[0-9]+,\"pcu\":[0-9]+,\"pmu\":[0-9]+,.*\"right\":true,.*\}$" ||
    { echo "not as it should be"; exit 1; }
  [ "$line" = "$("$program" "$app")" ] || { echo "another line the second time"; exit 1; }
done
"$program" gemm stages=1 | grep -q '"loops":\[{"loop":"rows",' || { echo "no stages"; exit 1; }
for mistake in "fft" "gemm n=0" "gemm n" "gemm metapipe=maybe"; do
  status=0
  # shellcheck disable=SC2086
  message=$("$program" $mistake 2>&1) || status=$?
  [ $status = 2 ] || { echo "$mistake: ends with $status"; exit 1; }
  echo "$message" | grep -q "expected" || { echo "$mistake: $message"; exit 1; }
done
