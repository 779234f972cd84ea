# SPDX-License-Identifier: MIT
"""Whether what the program prints is what its format asks for: an own reading of each schema."""

import json
import os
import re
import sys
import xml.etree.ElementTree as tree

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from schema import Schema


def need(condition, *what):
    if not condition:
        raise ValueError(" ".join(str(part) for part in what))


def unique(pairs):
    keys = [key for key, _ in pairs]
    need(len(keys) == len(set(keys)), "repeated key in", keys)
    return dict(pairs)


def parse_json(text):
    return json.loads(text, object_pairs_hook=unique)


# ---------------------------------------------------------------------------------------- JUnit

# Element: (attributes it must have, attributes it may have, children in the order they must have).
# This is what the stricter schemas (Apache Ant's, as published by Windy Road) ask for; all of it is
# known to the laxer ones (Jenkins' xUnit plugin, GitLab, GitHub's reporters).
JUNIT = {
    "testsuites": (set(), set(), ["testsuite"]),
    "testsuite": ({"id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors",
                   "time"}, set(), ["properties", "testcase", "system-out", "system-err"]),
    "properties": (set(), set(), []),
    "testcase": ({"classname", "name", "time"}, set(), ["failure", "error"]),
    "failure": ({"type", "message"}, set(), []),
    "error": ({"type", "message"}, set(), []),
    "system-out": (set(), set(), []),
    "system-err": (set(), set(), []),
}


def check_element(element):
    required, optional, children = JUNIT[element.tag]
    need(required <= set(element.keys()) <= required | optional, element.tag, element.keys())
    places = [children.index(child.tag) for child in element]
    need(places == sorted(places), element.tag, "has its children out of order")
    for child in element:
        check_element(child)


def check_suite(suite):
    need([child.tag for child in suite].count("properties") == 1, "one properties element")
    need([child.tag for child in suite][-2:] == ["system-out", "system-err"], "both streams")
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp")), "timestamp")
    cases = suite.findall("testcase")
    need(int(suite.get("tests")) == len(cases) > 0, "tests")
    need(int(suite.get("failures")) == sum(case.find("failure") is not None for case in cases),
         "failures")
    need(int(suite.get("errors")) == sum(case.find("error") is not None for case in cases),
         "errors")
    for case in cases:
        need(len(case) <= 1, "a case fails once")
        need(case.get("name") and case.get("classname"), "a case has names")


def junit(text):
    root = tree.fromstring(text.encode())
    need(root.tag == "testsuites", "root")
    check_element(root)
    for suite in root:
        check_suite(suite)
    return bool(root.findall(".//failure") or root.findall(".//error"))


# ------------------------------------------------------------------------------------------ TAP

def tap(text):
    lines = text.split("\n")
    need(lines[0] == "TAP version 14", "version line")
    plan = re.fullmatch(r"1\.\.(\d+)", lines[1])
    need(plan, "plan")
    number, failed, in_block = 0, False, False
    for line in lines[2:-1]:
        if in_block:
            need(line.startswith("  "), "a YAML block is indented", line)
            in_block = line != "  ..."
            if in_block:
                value = re.fullmatch(r"  +(- )?\w+:( (\".*\"|\d+))?", line)
                need(value, "no simple YAML", line)
                if value.group(3):
                    parse_json(value.group(3))
        elif line == "  ---":
            in_block = True
        else:
            point = re.fullmatch(r"(not )?ok (\d+) - ((?:[^#\\]|\\[#\\])+)", line)
            need(point, "no test point", line)
            number += 1
            need(int(point.group(2)) == number, "numbers")
            failed |= point.group(1) is not None
    need(not in_block and lines[-1] == "", "the end")
    need(number == int(plan.group(1)) > 0, "plan is kept")
    return failed


# ---------------------------------------------------------------------------------------- SARIF

def exactly(value, required, optional=()):
    need(isinstance(value, dict), "an object", value)
    need(set(required) <= set(value) <= set(required) | set(optional), value.keys())


def message(value):
    exactly(value, ["text"])
    need(isinstance(value["text"], str) and value["text"], "a text")


def sarif_result(result, rules):
    exactly(result, ["ruleId", "level", "message", "locations", "partialFingerprints"],
            ["analysisTarget"])
    need(result["ruleId"] in rules, result["ruleId"], "is no rule of the driver")
    need(result["level"] in ("none", "note", "warning", "error"), "level")
    message(result["message"])
    need(len(result["locations"]) == 1, "one place")
    exactly(result["locations"][0], ["physicalLocation"])
    place = result["locations"][0]["physicalLocation"]
    exactly(place, ["artifactLocation", "region"])
    for location in filter(None, (place["artifactLocation"], result.get("analysisTarget"))):
        exactly(location, ["uri"])
        need(re.fullmatch(r"(?:[A-Za-z0-9\-._~/+,=@]|%[0-9A-F]{2})+", location["uri"]),
             "URI reference")
    exactly(place["region"], ["startLine"])
    need(place["region"]["startLine"] >= 1, "lines begin with 1")
    for value in result["partialFingerprints"].values():
        need(isinstance(value, str) and value, "fingerprint")


def sarif(text):
    log = parse_json(text)
    exactly(log, ["$schema", "version", "runs"])
    need(log["version"] == "2.1.0" and len(log["runs"]) == 1, "version and runs")
    run = log["runs"][0]
    exactly(run, ["tool", "results"])
    exactly(run["tool"], ["driver"])
    driver = run["tool"]["driver"]
    exactly(driver, ["name", "version", "rules"])
    ids = [rule["id"] for rule in driver["rules"]]
    need(len(ids) == len(set(ids)), "rules are unique")
    for rule in driver["rules"]:
        exactly(rule, ["id", "shortDescription"])
        message(rule["shortDescription"])
    for result in run["results"]:
        sarif_result(result, ids)
    return bool(run["results"])


# --------------------------------------------------------------------------------------- NDJSON

def ndjson(text):
    records = [parse_json(line) for line in text.splitlines()]
    need(text.endswith("\n") and records[0]["kind"] == "meta", "first record")
    need(records[-1]["kind"] == "summary" and records[-1]["complete"] is True, "last record")
    schema = Schema("flowstate.check-1.json")
    for record in records:
        schema.check(record)
        for value in record.values():
            need(not isinstance(value, dict), "records are flat")
    last = records[-1]
    need(last["files"] == last["passed"] + last["failed"] + last["not_run"], "counts")
    need((last["passed"] < last["files"]) ==
         any(record.get("pass") is False for record in records), "verdicts agree")
    return last["passed"] < last["files"]


# ------------------------------------------------------------------------------ GitHub, Markdown

def github(text):
    lines = text.splitlines()
    need(len(lines) <= 10, "GitHub shows ten annotations")
    for line in lines:
        need(re.fullmatch(r"::error (file=[^,:]+,line=[1-9]\d*,)?title=[^,:]+::.+", line), line)
        need(re.search(r"%(?!25|3A|2C)", line) is None, "escapes", line)
    return bool(lines)


def markdown(text):
    lines = text.splitlines()
    need(re.fullmatch(r"### flowstate check: \d+ ok, \d+ failed, \d+ could not run", lines[0]),
         lines[0])
    need("" not in lines[2:] or lines[-1], "nothing empty at the end")
    rows = [line for line in lines[2:] if line.startswith("|")]
    need(all(line == "" or line.startswith(("Look: ", "flowstate explain ", "and "))
             for line in lines[2 + len(rows):]), "below the table")
    for row in rows:
        need(len(re.findall(r"(?<!\\)\|", row)) == 4, "three cells", row)
    return bool(rows)


def text(printed):
    last = printed.splitlines()[-1]
    counts = re.fullmatch(r"\d+ files?, (\d+) ok, (\d+) failed, (\d+) could not run", last)
    need(counts, last)
    return counts.group(2) != "0" or counts.group(3) != "0"


VALID = {"text": text, "ndjson": ndjson, "junit": junit, "tap": tap, "sarif": sarif,
         "github": github, "markdown": markdown}
