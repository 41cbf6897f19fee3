#!/bin/sh
# A library exports exactly the symbols of the golden list. `--update` rewrites the list: a symbol may be added
# in any release, and removed in none.
#   symbols.sh LIBRARY GOLDEN [--update]
set -eu
library=$1 golden=$2
actual=$(mktemp)
trap 'rm -f "$actual"' EXIT

nm -D --defined-only "$library" | awk '{ sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort >"$actual"
if [ "${3-}" = --update ]; then
  cp "$actual" "$golden"
  exit 0
fi
if ! diff -u "$golden" "$actual"; then
  echo "the exported symbols differ from $golden; an addition is taken over with"
  echo "  $0 $library $golden --update"
  exit 1
fi
echo "$(basename "$library"): $(wc -l <"$actual") symbols, as frozen"
