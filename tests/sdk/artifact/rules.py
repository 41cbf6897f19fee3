"""The rules that the validator names, those that sdk/doc/patterns.md lists, and those that tests break are the same."""
import pathlib
import re
import sys

RULE = r"[A-Z]\d{1,2}"


def named_in(folder, pattern):
    found = set()
    for path in sorted(folder.rglob("*.cpp")):
        found |= set(re.findall(pattern, path.read_text()))
    return found


def main(root):
    listed = set()
    for line in (root / "sdk/doc/patterns.md").read_text().splitlines():
        row = re.match(rf"\| ({RULE}(?:, {RULE})*) \|", line)
        if row:
            listed |= set(row.group(1).split(", "))
    source = root / "sdk/artifact"
    checked = named_in(source, rf'"({RULE})"') | named_in(source, rf"\[({RULE})\]")
    tested = named_in(root / "tests/sdk/artifact", rf'"({RULE})"')
    failed = False
    for what, rules in (("listed but not checked", listed - checked), ("checked but not listed", checked - listed),
                        ("checked but not tested", checked - tested), ("tested but not checked", tested - checked)):
        if rules:
            print(f"{what}: {' '.join(sorted(rules))}")
            failed = True
    if not listed:
        print("sdk/doc/patterns.md lists no rule")
        failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
