#!/bin/sh
# seeing_a_chip.sh BIN: the floorplan, trace, counters and sweep of a model on a chip, and what is wrong to ask for.
. "$(dirname "$0")/common.sh"
models=$root/samples/models
"$bin/rducc" "$models/digits.onnx" -o "$work/digits.rdu" --target 'rdu:edge?network.kind=ideal'
"$bin/rdu" inspect "$work/digits.rdu" --measure --report "$work/counters.json" \
  --floorplan "$work/measured.svg" --trace "$work/trace.json" >"$work/measured.txt"
"$bin/rdu" inspect "$work/digits.rdu" --report "$work/counters.json" --floorplan "$work/read.svg" >"$work/read.txt"
cmp "$work/measured.svg" "$work/read.svg" || fail "counters from a file draw another picture"
cmp "$work/measured.txt" "$work/read.txt" || fail "counters from a file make another table"
"$bin/rdu" inspect "$work/digits.rdu" --floorplan "$work/plain.svg" --section 0 | grep -q ' -  '

python3 - "$work" <<'PYTHON'
import json, sys
from xml.dom import minidom

folder = sys.argv[1]
counters = json.load(open(folder + "/counters.json"))["programs"]
sections = [section for program in counters for section in program["sections"]]
for name in "measured", "plain":
    page = minidom.parse(f"{folder}/{name}.svg")
    texts = [node.firstChild.data for node in page.getElementsByTagName("text") if node.firstChild]
    assert any(text.startswith(f"section 0 of {len(sections)}") for text in texts), texts[:5]
    assert any(text == "cycles, measured" for text in texts) == (name == "measured")

events = json.load(open(folder + "/trace.json"))["traceEvents"]
loads = [event for event in events if event["name"] == "program load"]
assert len(loads) == len(sections)
end = max(event["ts"] + event["dur"] for event in events if event["ph"] == "X")
total = sum(program["cycles"] for program in counters) / counters[0]["clock_hz"] * 1e6
assert abs(end - total) < 0.01, (end, total)
PYTHON

# The graph with its values as outputs is compiled for the chip that is in doubt, whatever the artifact was compiled for.
for chip in rdu:edge 'rdu:plasticine?granularity=vector&pcu.lanes=8'; do
  "$bin/rdu" bisect "$work/digits.rdu" --a "$chip" --no-fallback --data "$models/digits_data" | grep -q 'all agree'
done
expect_failure 2 'no preset "nope"' "$bin/rdu" bisect "$work/digits.rdu" --a rdu:nope --data "$models/digits_data"

"$bin/rdu" bench "$models/digits.onnx" --device rdu:edge --sweep network.kind=ideal,routed --sweep registers=0,16 --json >"$work/sweep.json"
python3 - "$work" <<'PYTHON'
import json, sys

rows = json.load(open(sys.argv[1] + "/sweep.json"))
counters = json.load(open(sys.argv[1] + "/counters.json"))["programs"]
assert [tuple(row["point"].values()) for row in rows] == [
    (kind, registers) for kind in ("ideal", "routed") for registers in ("0", "16")]
assert all("registers" in row["error"] for row in rows[::2]), rows
assert rows[1]["cycles"] == sum(program["later_cycles"] or program["cycles"] for program in counters)
assert rows[1]["ratio"] == 1 and rows[3]["cycles"] > 0
PYTHON

expect_failure 2 "numbered from 0" "$bin/rdu" inspect "$work/digits.rdu" --floorplan "$work/x.svg" --section 999
expect_failure 2 "arch_hash" "$bin/rdu" inspect "$work/digits.rdu" --measure --chip edge
expect_failure 2 "no counters of a chip" "$bin/rdu" inspect "$work/digits.rdu" --report "$work/measured.svg"
expect_failure 2 "give the ONNX model" "$bin/rdu" bench "$work/digits.rdu" --device rdu:edge --sweep lanes=8
expect_failure 2 "needs one chip" "$bin/rdu" bench "$models/digits.onnx" --sweep lanes=8
expect_failure 2 "no such figure" "$bin/rdu" bench "$models/digits.onnx" --device rdu:edge --sweep lane=8
"$bin/rducc" "$models/digits.onnx" -o "$work/cpu.rdu"
expect_failure 2 "not compiled for a chip" "$bin/rdu" inspect "$work/cpu.rdu" --floorplan "$work/x.svg"
