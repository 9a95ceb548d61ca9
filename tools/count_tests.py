"""Adds up the JUnit reports of a test run: a line a report or folder of them, then the sum.

Exit 1 when a test failed or none ran.
"""

import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path


def outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
        return "failed"
    return "skipped" if case.find("skipped") is not None or case.get("status") == "notrun" else "passed"


def line(counts: Counter[str]) -> str:
    text = f"{counts['passed']} passed, {counts['failed']} failed"
    return f"{text}, {counts['skipped']} skipped" if counts["skipped"] else text


def main() -> int:
    total: Counter[str] = Counter()
    reports = Path(sys.argv[1])
    for part in sorted({path.relative_to(reports).parts[0].removesuffix(".xml") for path in reports.rglob("*.xml")}):
        whole = reports / f"{part}.xml"
        files = [whole] if whole.exists() else sorted((reports / part).glob("*.xml"))
        counts = Counter(outcome(case) for file in files for case in ET.parse(file).iter("testcase"))
        print(f"  {part}: {line(counts)}")
        total += counts
    print(line(total))
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
