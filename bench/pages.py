"""Every list and search page beside 10 ms, in a store with 1,000,000 cards and 100,000 documents of one organisation."""

from pathlib import Path
from typing import Any

import loads
from report import Figures, Line

PAGE_MS_MAX = 10.0


def worst_of(limit: int, told: list[dict[str, Any]]) -> Line:
    pages = [each for each in told if each["limit"] == limit]
    worst = max(pages, key=lambda each: each["p99_ms"])
    ours = Figures(worst["name"], "ms", [worst["p99_ms"]], worst["p50_ms"], worst["p99_ms"])
    return Line(f"pages of {limit}", f"the slowest of {len(pages)} lists and searches, {worst['pages']} pages each: p99",
                ours, [], ours.value, PAGE_MS_MAX, at_most=True, unit="ms",
                notes={f"{each['name']}, p99 in ms": each["p99_ms"] for each in pages})


def measure(stores: Path) -> list[Line]:
    stores.mkdir(parents=True, exist_ok=True)
    told = loads.pages(stores / "lists")
    return [worst_of(limit, told) for limit in sorted({each["limit"] for each in told})]
