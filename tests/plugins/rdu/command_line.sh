#!/bin/sh
# command_line.sh BIN MAKE_CHIP_ARTIFACT: what the user's command says of an artifact that was compiled for a chip.
. "$(dirname "$0")/../../e2e/common.sh"
"$2" "$work/chain.rdu"
"$bin/rdu" devices | grep -q '^rdu:sn10 '
"$bin/rdu" explain "$work/chain.rdu" --device rdu:sara20 --require 'rdu>=100%' >/dev/null
"$bin/rdu" explain "$work/chain.rdu" --device rdu:edge | grep -q 'made for another architecture'

"$bin/rdu" bench "$work/chain.rdu" --device rdu:sara20 --no-fallback --seconds 0.05 --json >"$work/bench.json"
/usr/bin/python3 - "$work/bench.json" <<'CHECK'
import json, sys
bench = json.load(open(sys.argv[1]))
sections = bench["sections"]
assert [s["name"] for s in sections] == ["doubled", "z", "plus", "y"], sections
assert [s["first_section"] for s in sections] == [0, 1, 2, 3], sections
assert bench["cycles"] == sum(s["cycles"] for s in sections), bench
assert abs(bench["chip_ms"] - bench["cycles"] / 1e6) < 1e-9, bench
for s in sections:
    assert s["cycles"] >= s["load"] + s["exec"] > s["exec"] > 0, s
    assert (s["pcu_used"], s["pmu_used"], s["flops"]) == (1, 0, 20), s
    assert 0 < s["busy"] < 1 and s["dram_gb_s"] > 0, s
# Two floats in, one out: 80 bytes of each are two bursts of 64.
assert sections[3]["dram_bytes"] == 3 * 128, sections[3]
assert sections[3]["flop_per_dram_byte"] == round(20 / 384, 7), sections[3]
assert (bench["dma_in_bytes"], bench["dma_out_bytes"]) == (80, 160), bench
CHECK
"$bin/rdu" bench "$work/chain.rdu" --device rdu:sara20 --seconds 0.05 | grep -q '^chip  .* cycles'
"$bin/rdu" bench "$work/chain.rdu" --device reference: --seconds 0.05 --json | grep -qv '"cycles"'

head -c 80 /dev/zero >"$work/x.bin"
"$bin/rdu" run "$work/chain.rdu" --device rdu:sara20 --input "$work/x.bin" --trace "$work/trace.json" >/dev/null
/usr/bin/python3 - "$work/trace.json" <<'CHECK'
import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
names = {(e["name"], e["pid"], e["tid"]): e["args"]["name"] for e in events if e["ph"] == "M"}
groups = {pid: name for (kind, pid, _), name in names.items() if kind == "process_name"}
tracks = {(pid, tid): name for (kind, pid, tid), name in names.items() if kind == "thread_name"}
spans = [e for e in events if e["ph"] == "X"]
chip = [e for e in spans if tracks[e["pid"], e["tid"]] == "sara20"]
assert [groups[e["pid"]] for e in chip] == ["rdu"] * 4, chip
assert [e["args"]["sections"][0]["name"] for e in chip] == ["doubled", "z", "plus", "y"], chip
assert {groups[e["pid"]] for e in spans} >= {"run", "step", "copy", "rdu"}, groups
assert "sara20 pcu (0, 0)" in tracks.values(), tracks
assert min(e["ts"] for e in spans) == 0 and min(e["dur"] for e in spans) >= 0
CHECK
