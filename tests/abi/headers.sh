#!/bin/sh
# Every public header compiles alone, as C11 and as C++20, and all of them twice in two translation units.
#   headers.sh INCLUDE_DIR CC CXX [INCLUDE_DIR_THAT_THEY_NEED]
set -u
cd "$1" || exit 1
include=$PWD cc=$2 cxx=$3
strict="-Wall -Wextra -Wpedantic -Werror -I$include ${4:+-I$4}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# check WHAT COMMAND…: runs the compiler, shows what it said when it refused.
check() {
  what=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $what"
    head -n 20 "$work/log"
  fi
}

headers=$(find * -name '*.h' | LC_ALL=C sort)
veneers=$(find * -name '*.hpp' | LC_ALL=C sort)
for header in $headers; do
  echo "#include <$header>" >"$work/alone.c"
  check "$header as C11" "$cc" -std=c11 $strict -fsyntax-only -x c "$work/alone.c"
  check "$header as C++20" "$cxx" -std=c++20 $strict -fsyntax-only -x c++ "$work/alone.c"
done
for header in $veneers; do
  echo "#include <$header>" >"$work/alone.cpp"
  check "$header as C++20" "$cxx" -std=c++20 $strict -fsyntax-only "$work/alone.cpp"
done

# Two units with every header, each included twice: a guard that is missing or a definition that is not
# inline does not compile or does not link.
all_twice() {
  for header in $1 $1; do echo "#include <$header>"; done
}
all_twice "$headers" | tee "$work/one.c" >"$work/two.c"
echo 'int main(void) { return 0; }' >>"$work/two.c"
check "all headers in two C units" "$cc" -std=c11 $strict "$work/one.c" "$work/two.c" -o "$work/two_c" \
  -Wl,--unresolved-symbols=ignore-all
all_twice "$headers $veneers" | tee "$work/one.cpp" >"$work/two.cpp"
echo 'int main() { return 0; }' >>"$work/two.cpp"
check "all headers in two C++ units" "$cxx" -std=c++20 $strict "$work/one.cpp" "$work/two.cpp" \
  -o "$work/two_cpp" -Wl,--unresolved-symbols=ignore-all

echo "public headers: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 3 ]
