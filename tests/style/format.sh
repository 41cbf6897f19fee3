#!/bin/sh
# Every C and C++ file is as clang-format leaves it.
#   format.sh ROOT
set -u
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 77; }
cd "$1" || exit 1
files=$(find sdk plugins drivers tools samples tests -name '*.c' -o -name '*.h' -o -name '*.cpp' -o -name '*.hpp')
offences=$(for file in $files; do
  clang-format "$file" | cmp -s - "$file" || echo "$file: run clang-format -i"
done)
[ -z "$offences" ] || { echo "$offences"; exit 1; }
echo "format: $(echo "$files" | wc -l) files are clean"
