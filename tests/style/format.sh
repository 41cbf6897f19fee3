#!/bin/sh
# Every C and C++ file is as clang-format leaves it.
#   format.sh ROOT
set -u
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
cd "$1" || exit 1
files=$(find sdk plugins drivers tools samples tests -name '*.c' -o -name '*.h' -o -name '*.cpp' -o -name '*.hpp')
offences=$(echo "$files" | xargs -n 64 -P "$(nproc)" clang-format --dry-run 2>&1 |
  sed -n 's/^\([^ :]*\):[0-9].*clang-format-violations.*/\1: run clang-format -i/p' | sort -u)
[ -z "$offences" ] || { echo "$offences"; exit 1; }
echo "format: $(echo "$files" | wc -l) files are clean"
