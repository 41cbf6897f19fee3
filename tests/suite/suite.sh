#!/bin/sh
# suite.sh PROGRAM DEVICE: Debian's operator tests; all of them in a full check, else a sample that RDU_SEED picks.
set -eu
program=$1 device=$2
data=${RDU_ONNX_TESTDATA:-/usr/share/libonnx-testdata/data/node}
[ -d "$data" ] || {
  echo "skipped: no operator tests at $data (Debian package libonnx-testdata)"
  exit 77
}
every=4
[ -z "${RDU_FULL:-}" ] || every=1
exec "$program" --device "$device" --quiet --every "$every" --seed "${RDU_SEED:-1}" --min-passed 60 "$data"
