#!/bin/sh
# suite.sh PROGRAM DEVICE: all of Debian's operator tests, and ONNX 1.22's where they are present.
set -eu
program=$1 device=$2
data=${RDU_ONNX_TESTDATA:-/usr/share/libonnx-testdata/data/node}
[ -d "$data" ] || {
  echo "skipped: no operator tests at $data (Debian package libonnx-testdata)"
  exit 77
}
"$program" --device "$device" --quiet --min-passed 90 "$data"
newer=${RDU_SHARED:-$(dirname "$0")/../../../shared}/onnx-tests/node
[ ! -d "$newer" ] || "$program" --device "$device" --quiet --min-passed 85 "$newer"
