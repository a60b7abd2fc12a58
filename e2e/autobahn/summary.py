"""Sums up a report of the Autobahn test suite by groups; fails if a case did. usage: summary.py INDEX.json"""
import json
import sys
from collections import Counter, defaultdict

GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}

with open(sys.argv[1], encoding="utf-8") as file:
    (cases,) = json.load(file).values()

groups = defaultdict(Counter)
bad = []
for case, result in cases.items():
    behaviour, close = result["behavior"], result["behaviorClose"]
    groups[int(case.split(".")[0])][behaviour] += 1
    if behaviour not in GOOD or close not in GOOD:
        bad.append(f"{case}: {behaviour}, close {close}")

for group, counts in sorted(groups.items()):
    print(f"group {group:2}: " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
non_strict = sorted(case for case, result in cases.items() if result["behavior"] == "NON-STRICT")
if non_strict:
    print("NON-STRICT: " + " ".join(non_strict))
for line in bad:
    print("FAILED " + line)
print(f"{len(cases) - len(bad)} passed, {len(bad)} failed")
sys.exit(1 if bad else 0)
