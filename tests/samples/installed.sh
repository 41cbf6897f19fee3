#!/bin/sh
# Installs the package to a fresh prefix, moves the prefix, and uses it as an outsider would: every sample is
# copied out of the tree, built with find_package(rdu), and run on the digit model.
#   installed.sh BUILD_DIR SOURCE_DIR
# A sample NAME is run as `NAME digits.rdu`, beside which digits.onnx lies; where it has an executable `run_in_ci`, that is called instead with
# its build folder, the prefix and the artifact.
set -u
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# verdict WHAT COMMAND…: runs a step, shows the end of what it said when it failed.
verdict() {
  what=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok: $what"
  else
    failed=$((failed + 1))
    echo "FAILED: $what"
    tail -n 40 "$work/log"
    return 1
  fi
}

install_and_move() {
  cmake --install "$build" --prefix "$work/first" && mv "$work/first" "$work/prefix"
}

build_sample() {
  cp -r "$source/samples/$1" "$work/$1" &&
    cmake -G Ninja -S "$work/$1" -B "$work/build/$1" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release \
      -DCMAKE_C_FLAGS="-Wall -Wextra -Werror" -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror" &&
    cmake --build "$work/build/$1"
}

run_sample() {
  if [ -x "$work/$1/run_in_ci" ]; then
    "$work/$1/run_in_ci" "$work/build/$1" "$work/prefix" "$artifact"
  else
    "$work/build/$1/$1" "$artifact"
  fi
}

# An application that links librdu brings nothing else along.
links_only_librdu() {
  ldd "$1" | tee "$work/ldd"
  ! grep -vE 'linux-vdso|ld-linux|librdu\.so|libc\.so|libm\.so|libstdc\+\+\.so|libgcc_s\.so' "$work/ldd"
}

compile_with_pkg_config() {
  PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig" pkg-config --cflags --libs rdu >"$work/flags" || return 1
  cc "$source/samples/hello_c/"*.c $(cat "$work/flags") -o "$work/hello_pc" &&
    LD_LIBRARY_PATH="$work/prefix/lib" "$work/hello_pc" "$artifact"
}

# Everything must be found by its place beside librdu, not by what the test run sets.
unset RDU_PLUGIN_PATH LD_LIBRARY_PATH
artifact=$work/digits.rdu
verdict "install and move the prefix" install_and_move || exit 1
verdict "rducc compiles the digit model" \
  "$work/prefix/bin/rducc" "$source/samples/models/digits.onnx" -o "$artifact" || exit 1

cp "$source/samples/models/digits.onnx" "$work/digits.onnx"
for folder in "$source"/samples/*/; do
  name=$(basename "$folder")
  [ -e "$folder/CMakeLists.txt" ] || continue
  verdict "$name builds" build_sample "$name" || continue
  verdict "$name runs" run_sample "$name"
done
verdict "hello_c links librdu alone" links_only_librdu "$work/build/hello_c/hello_c"
verdict "hello_c compiles with pkg-config" compile_with_pkg_config

echo "samples: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
