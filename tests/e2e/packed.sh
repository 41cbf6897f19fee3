#!/bin/sh
# packed.sh BIN MODEL: weights packed ahead of time change no bit, are used by those that they are for, are shared between
# processes, and are told; whatever happens to them, the model still runs.
. "$(dirname "$0")/common.sh"
model=$2
need_model "$model"
data=$shared/models/$model/test_data_set_0
onnx=$shared/models/$model/model.onnx
have=
for isa in baseline avx2 avx512; do
  if "$bin/rducc" "$onnx" -o "$work/$isa.rdu" --data "$data" --cpu $isa 2>"$work/why"; then
    have="$have $isa"
  else
    grep -q "isa=$isa" "$work/why" || fail "packing for $isa: $(cat "$work/why")"
  fi
done
"$bin/rducc" "$onnx" -o "$work/plain.rdu" --data "$data" --cpu none
[ "$have" ] || fail "no instruction set packs"

outputs() { # ARTIFACT URI FOLDER
  "$bin/rdu" run "$1" --device "$2" --data "$data" --output-dir "$3" --verbose >"$work/said" 2>&1 ||
    fail "rdu run $1 on $2: $(cat "$work/said")"
}

for isa in $have; do
  outputs "$work/plain.rdu" "cpu:?isa=$isa" "$work/wanted.$isa"
  for packed in $have; do
    outputs "$work/$packed.rdu" "cpu:?isa=$isa" "$work/got"
    diff -r "$work/wanted.$isa" "$work/got" || fail "packed for $packed: other bits on $isa"
    if [ "$isa" = "$packed" ] && grep -q "packs .* itself" "$work/said"; then
      fail "packed for $packed, not used: $(cat "$work/said")"
    fi
    if [ "$isa-$packed" = baseline-avx512 ]; then
      grep -q "packs .* itself: the artifact does not have them for baseline" "$work/said" ||
        fail "not told that the weights are packed for another: $(cat "$work/said")"
    fi
    rm -r "$work/got"
  done
done

last=${have##* }
"$bin/rdu" inspect "$work/$last.rdu" | grep -q "^packed .* for cpu $last" || fail "inspect does not tell"
"$bin/rducc" "$onnx" -o "$work/again.rdu" --data "$data" --cpu "$last"
cmp "$work/$last.rdu" "$work/again.rdu" || fail "the same model gives other bytes"

# Damaged: declined with a word, and packed at load.
at=$(grep -abo RCUPCKD1 "$work/$last.rdu" | head -1 | cut -d: -f1)
cp "$work/$last.rdu" "$work/bad.rdu"
printf X | dd of="$work/bad.rdu" bs=1 seek="$at" conv=notrunc 2>"$work/why"
outputs "$work/bad.rdu" "cpu:?isa=$last" "$work/got"
diff -r "$work/wanted.$last" "$work/got" || fail "damaged: other bits"
grep -q "those of the artifact do not do" "$work/said" || fail "damaged, but nothing is said"

# Mapped, read-only and never written: every process has the same pages.
"$bin/rdu" bench "$work/$last.rdu" --device "cpu:?isa=$last" --data "$data" --seconds 20 >"$work/said" 2>&1 &
bench=$!
for _ in $(seq 100); do
  sleep 0.1
  grep -q "$last.rdu" /proc/$bench/maps 2>/dev/null && break
done
sleep 0.5
awk -v file="$last.rdu" '
  /^[0-9a-f]+-/ { mine = index($0, file) > 0; if (mine) { seen = 1; if ($2 !~ /^r--/) bad = "written to: " $0 } }
  mine && /^Private_Dirty/ && $2 > 0 { bad = $0 }
  END { if (!seen) bad = "not mapped"; if (bad) { print bad; exit 1 } }' /proc/$bench/smaps >"$work/why" ||
  { kill $bench; fail "pages of the artifact are not shared: $(cat "$work/why")"; }
kill $bench
wait $bench || true

