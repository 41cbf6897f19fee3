#!/bin/sh
# suite.sh PROGRAM DEVICE: all of Debian's operator tests, and ONNX 1.22's where they are present. The per cents are of
# the cases on tensors of numbers.
set -eu
program=$1 device=$2
data=${RDU_ONNX_TESTDATA:-/usr/share/libonnx-testdata/data}
[ -d "$data" ] || {
  echo "skipped: no operator tests at $data (Debian package libonnx-testdata)"
  exit 77
}

run() {
  min_passed=$1
  shift
  echo "$*: at least $min_passed %"
  "$program" --device "$device" --quiet --min-passed "$min_passed" "$@"
}

run 98 "$data/node"
run 100 "$data/simple"
run 100 "$data/pytorch-operator" "$data/pytorch-converted"
newer=${RDU_SHARED:-$(dirname "$0")/../../../shared}/onnx-tests
[ ! -d "$newer" ] || run 95 "$newer/node" "$newer/simple"
