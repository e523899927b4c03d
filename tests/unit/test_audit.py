"""The audit of the dependencies: what it says of a finding."""

from typing import Any

from tests.support.audit import KNOWN_VULNERABLE, LOCK, sentences


def test_a_vulnerable_release_is_named_with_what_mends_it() -> None:
    found: list[dict[str, Any]] = [
        {"name": "sound", "version": "1", "vulns": []},
        {"name": "unknown", "skip_reason": "not found"},
        {
            "name": "jinja2",
            "version": "2.10",
            "vulns": [
                {"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"]},
                {"id": "PYSEC-1", "fix_versions": []},
            ],
        },
    ]

    assert sentences(found) == [
        "jinja2 2.10: PYSEC-2019-217 (2.10.1 mends it)",
        "jinja2 2.10: PYSEC-1 (no release mends it)",
    ]


def test_the_release_that_must_be_found_is_not_one_of_ours() -> None:
    assert KNOWN_VULNERABLE not in LOCK.read_text(encoding="utf-8")
