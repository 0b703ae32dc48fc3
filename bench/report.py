"""What a line of the bench is, and how it is printed and kept."""

import datetime
import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from common import ROOT, say, write_atomically

RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by ./dev bench -->\n", "<!-- end of figures -->"


@dataclass(frozen=True)
class Figures:
    """One side of a line, over all rounds."""

    name: str
    unit: str
    rounds: list[float]
    p50_ms: float | None = None
    p99_ms: float | None = None

    @property
    def value(self) -> float:
        return median(self.rounds)

    def __str__(self) -> str:
        spread = f" [{min(self.rounds):,.4g} to {max(self.rounds):,.4g}]" if len(self.rounds) > 1 else ""
        delay = "" if self.p99_ms is None else f", p50 {self.p50_ms:.2f} ms, p99 {self.p99_ms:.2f} ms"
        return f"{self.name} {self.value:,.4g} {self.unit}{spread}{delay}"


@dataclass(frozen=True)
class Line:
    """A figure beside its limit. `measured` is the ratio of both, or our figure where the limit is a number."""

    name: str
    what: str
    ours: Figures
    beside: list[Figures]
    measured: float
    aim: float
    at_most: bool = False  # else: at least
    unit: str = ""
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return self.measured <= self.aim if self.at_most else self.measured >= self.aim

    def show(self) -> None:
        sign = "<=" if self.at_most else ">="
        unit = f" {self.unit}" if self.unit else ""
        verdict = "met" if self.met else "MISSED"
        say(f"{self.name:18} {self.measured:8.3f}{unit}  (aim {sign} {self.aim:g}{unit}) {verdict}   {self.what}")
        for figures in (self.ours, *self.beside):
            say(f"{'':20}{figures}")
        for name, value in self.notes.items():
            say(f"{'':20}{name}: {value:,.4g}")

    def as_json(self) -> dict[str, object]:
        told = asdict(self)
        told["met"] = self.met
        for side, figures in ((told["ours"], self.ours), *zip(told["beside"], self.beside, strict=True)):
            side["value"] = figures.value
        return told


def _first(path: str, key: str) -> str:
    for line in Path(path).read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def _file_system(folder: Path) -> str:
    done = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True)
    return done.stdout.strip()


def machine(folder: Path) -> dict[str, object]:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {"cores": os.cpu_count(), "processor": _first("/proc/cpuinfo", "model name"),
            "memory_gib": round(int(_first("/proc/meminfo", "MemTotal").split()[0]) / 2**20, 1),
            "kernel": platform.release(), "file_system": _file_system(folder),
            "load_before": round(os.getloadavg()[0], 2),
            "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "commit": commit.stdout.strip()}


Told = dict[str, Any]  # a line as results.json holds it


def _side(told: Told) -> str:
    delay = "" if told["p99_ms"] is None else f"; p50 {told['p50_ms']:.3g} ms, p99 {told['p99_ms']:.3g} ms"
    spread = f" ({min(told['rounds']):,.4g} to {max(told['rounds']):,.4g})" if len(told["rounds"]) > 1 else ""
    return f"{told['name']}: {told['value']:,.4g} {told['unit']}{spread}{delay}"


def _row(told: Told) -> str:
    what = told["what"].replace("|", "beside")
    sides = "<br>".join(_side(each) for each in (told["ours"], *told["beside"]))
    unit = f" {told['unit']}" if told["unit"] else ""
    sign = "≤" if told["at_most"] else "≥"
    verdict = "" if told["met"] else " (missed)"
    return f"| {told['name']} | {what} | {sides} | {told['measured']:.3g}{unit}{verdict} | {sign} {told['aim']:g}{unit} |"


def _table(about: dict[str, object], lines: list[Told]) -> str:
    machine_line = (f"{about['cores']} cores of {about['processor']}, {about['memory_gib']} GiB, Linux {about['kernel']}, "
                    f"{about['file_system']}; {about['date']}, commit {about['commit']}; load before: "
                    f"{about['load_before']}.\n")
    head = "| line | what | measured: median (spread) | result | aim |\n|---|---|---|---|---|\n"
    return f"\n{machine_line}\n{head}" + "".join(_row(line) + "\n" for line in lines) + "\n"


def _write_page(about: dict[str, object], lines: list[Told]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    if found:
        write_atomically(PAGE, before + BEGIN + _table(about, lines) + END + after)


def write(about: dict[str, object], lines: list[Line]) -> None:
    """results.json and the table of docs/performance.md; lines not measured now keep what was known of them."""
    try:
        known: dict[str, Told] = {line["name"]: line for line in json.loads(RESULTS.read_text())["lines"]}
    except (OSError, ValueError, KeyError):
        known = {}
    known.update({line.name: {**line.as_json(), "measured_at": about["date"]} for line in lines})
    text = json.dumps({"machine": about, "lines": list(known.values())}, indent=1, ensure_ascii=False)
    write_atomically(RESULTS, text + "\n")
    _write_page(about, list(known.values()))
