#!/bin/sh
# What style asks of every file: at most 500 lines, no leftover markers, no trailing blanks, one newline at the end.
#   files.sh ROOT
set -u
cd "$1" || exit 1
sources=$(
  {
    find sdk plugins drivers tools samples tests cmake -type f \( -name '*.c' -o -name '*.h' -o -name '*.cpp' \
      -o -name '*.hpp' -o -name '*.py' -o -name '*.sh' -o -name '*.cmake' -o -name '*.fbs' -o -name CMakeLists.txt \)
    find tools -maxdepth 1 -type f
    ls CMakeLists.txt .ci/run
  } | LC_ALL=C sort -u
)
offences=$(
  awk 'FNR == 501 { print FILENAME ": longer than 500 lines" }' $sources
  grep -nHwE '(TODO|FIXME|XXX)' $sources | grep -v '^tests/style/' | sed 's/$/   <- finish it or file it/'
  grep -nHE '[[:blank:]]+$' $sources | sed 's/$/<- trailing blanks/'
  for file in $sources; do [ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"; done
)
[ -z "$offences" ] || { echo "$offences"; exit 1; }
echo "style: $(echo "$sources" | wc -l) files are clean"
