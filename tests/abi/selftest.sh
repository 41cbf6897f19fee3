#!/bin/sh
# Proves that the ABI tests can fail: each one is given a fault of its kind and must refuse it.
#   selftest.sh CC CXX
set -u
here=$(cd "$(dirname "$0")" && pwd)
cc=$1 cxx=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# expect accepts|refuses WHAT COMMAND…
expect() {
  wanted=$1 what=$2
  shift 2
  if "$@" >"$work/log" 2>&1; then got=accepts; else got=refuses; fi
  if [ "$got" = "$wanted" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $what: expected '$wanted', it $got"
    cat "$work/log"
  fi
}

# header NAME < text: a public header folder with one good header and one of the given text.
header() {
  rm -rf "$work/include"
  mkdir -p "$work/include/rdu"
  printf '#ifndef RDU_GOOD_H\n#define RDU_GOOD_H\ntypedef int rdu_good;\n#endif\n' >"$work/include/rdu/good.h"
  cat >"$work/include/rdu/$1"
}

headers() { sh "$here/headers.sh" "$work/include" "$cc" "$cxx"; }

# library FILE SOURCE FLAG…
library() {
  file=$1
  echo "$2" >"$work/library.c"
  shift 2
  "$cc" -shared -fPIC -o "$work/$file" "$work/library.c" -Wl,--no-as-needed "$@"
}

printf '#pragma once\nint rdu_a(void);\n' | header a.h
expect accepts "a sound header" headers
echo 'rdu_good rdu_a(void);' | header a.h
expect refuses "a header that needs another" headers
printf '#pragma once\nint rdu_a();\nclass A;\n' | header a.h
expect refuses "C++ in a C header" headers
echo 'struct rdu_a { int x; };' | header a.h
expect refuses "a header without a guard" headers
printf '#pragma once\nint rdu_a(void) { return 1; }\n' | header a.h
expect refuses "a definition in a header" headers
printf '#pragma once\nstruct rdu_a { int x[0]; };\n' | header a.h
expect refuses "a GNU extension" headers

library librdu.so 'int rdu_a(void) { return 1; } int rdu_b(void) { return 1; }'
printf 'rdu_a\nrdu_b\n' >"$work/same"
printf 'rdu_a\n' >"$work/fewer"
printf 'rdu_a\nrdu_b\nrdu_c\n' >"$work/more"
expect accepts "the frozen symbols" sh "$here/symbols.sh" "$work/librdu.so" "$work/same"
expect refuses "an unlisted symbol" sh "$here/symbols.sh" "$work/librdu.so" "$work/fewer"
expect refuses "a lost symbol" sh "$here/symbols.sh" "$work/librdu.so" "$work/more"

expect accepts "an ordinary librdu" sh "$here/linkage.sh" librdu "$work/librdu.so" 600000
expect refuses "a librdu over its limit" sh "$here/linkage.sh" librdu "$work/librdu.so" 1000
library librdu_rt.so 'int rdu_a(void) { return 1; }' -lresolv
expect refuses "a librdu with a foreign library" sh "$here/linkage.sh" librdu "$work/librdu_rt.so"

query='void *rdu_plugin_query(void) { return 0; }'
library plugin.so "$query"
expect accepts "an ordinary plugin" sh "$here/linkage.sh" plugin "$work/plugin.so"
library plugin.so "$query int extra(void) { return 1; }"
expect refuses "a plugin with two exports" sh "$here/linkage.sh" plugin "$work/plugin.so"
library plugin.so 'static int none;'
expect refuses "a plugin without its export" sh "$here/linkage.sh" plugin "$work/plugin.so"
library librdu.so.0 'int rdu_a(void) { return 1; }' -Wl,-soname,librdu.so.0
library plugin.so "$query" "$work/librdu.so.0"
expect refuses "a plugin that needs librdu" sh "$here/linkage.sh" plugin "$work/plugin.so"

library librducc.so 'int rducc_a(void) { return 1; }' -lprotobuf
expect accepts "an ordinary librducc" sh "$here/linkage.sh" librducc "$work/librducc.so"
library librducc.so 'int rducc_a(void) { return 1; }' -lprotobuf "$work/librdu.so.0"
expect refuses "a librducc that needs librdu" sh "$here/linkage.sh" librducc "$work/librducc.so"

echo "abi selftest: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
