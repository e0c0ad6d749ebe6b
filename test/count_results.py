#!/usr/bin/env python3
"""Counts the results that lit wrote as JSON and prints the test run's closing line.

The line is `N passed, N failed`, with `, N skipped` where tests were skipped. The exit status is 1
if a test failed, if none passed, or if there are no results to count.
"""

import json
import sys

PASSED = {"PASS", "XFAIL", "FLAKYPASS"}
SKIPPED = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def count(path):
    """Returns the numbers of passed, failed and skipped tests."""
    with open(path, encoding="utf-8") as file:
        codes = [test["code"] for test in json.load(file)["tests"]]
    passed = sum(code in PASSED for code in codes)
    skipped = sum(code in SKIPPED for code in codes)
    return passed, len(codes) - passed - skipped, skipped


def main():
    try:
        passed, failed, skipped = count(sys.argv[1])
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"count_results: error: cannot read the test results: {error}")
    if passed + failed == 0:
        print("count_results: error: no test ran", file=sys.stderr)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(failed > 0 or passed == 0)


main()
