#!/bin/sh
# What librdu, librducc and the plugins need and export, as the dynamic loader sees it.
#   linkage.sh librdu LIBRDU [MAX_STRIPPED_BYTES]
#   linkage.sh librducc LIBRDUCC
#   linkage.sh plugin PLUGIN…
set -u
failed=0

fail() {
  echo "FAILED: $*"
  failed=$((failed + 1))
}

needed() {
  readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p'
}

check_librdu() {
  for library in $(needed "$1"); do
    case $library in
      libc.so.* | libm.so.* | libstdc++.so.* | libgcc_s.so.* | ld-linux*) ;;
      *) fail "$1 needs $library; allowed are libc, libm, libstdc++, libgcc_s" ;;
    esac
  done
  [ -n "${2-}" ] || return
  stripped=$(mktemp)
  strip -o "$stripped" "$1"
  bytes=$(wc -c <"$stripped")
  rm -f "$stripped"
  echo "$(basename "$1"): $bytes bytes stripped, limit $2"
  [ "$bytes" -lt "$2" ] || fail "$1 has $bytes bytes stripped, the limit is $2"
}

# Compiling and running are two libraries, and what passes between them is the artifact.
check_librducc() {
  if needed "$1" | grep -q '^librdu\.so'; then
    fail "$1 needs librdu; the compiler does not run anything"
  fi
  needed "$1" | grep -q '^libprotobuf' || fail "$1 does not need protobuf: it is not the compiler"
}

check_plugin() {
  exported=$(nm -D --defined-only "$1" | awk '{ print $3 }')
  [ "$exported" = rdu_plugin_query ] || fail "$1 exports '$exported', expected only rdu_plugin_query"
  if needed "$1" | grep -q '^librdu\.so'; then
    fail "$1 needs librdu; a plugin gets everything from the host's table"
  fi
}

kind=$1
shift
case $kind in
  librducc) check_librducc "$@" ;;
  librdu) check_librdu "$@" ;;
  plugin) for plugin; do check_plugin "$plugin"; done ;;
  *) fail "unknown kind $kind" ;;
esac
[ "$failed" -eq 0 ] && echo "$kind: linkage is clean"
