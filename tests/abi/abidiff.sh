#!/bin/sh
# abidiff of librdu against every released library, kept as released/librdu-VERSION.abi (written by
# `abidw --no-corpus-path --headers-dir sdk/include librdu.so` when a version is released).
#   abidiff.sh LIBRDU RELEASED_DIR HEADERS_DIR
set -u
command -v abidiff >/dev/null || { echo "skipped: abidiff is not installed (abigail-tools)"; exit 77; }
compared=0
for baseline in "$2"/librdu-*.abi; do
  [ -e "$baseline" ] || continue
  echo "against $(basename "$baseline")"
  # Additions are allowed; anything that is removed or changed is not.
  abidiff --no-added-syms --headers-dir2 "$3" "$baseline" "$1" || exit 1
  compared=$((compared + 1))
done
[ "$compared" -gt 0 ] || { echo "skipped: nothing has been released yet"; exit 77; }
