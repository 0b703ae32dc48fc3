"""`./dev lint`: what reviewers should not have to look for. Prints every finding and exits 1 if there is one."""

import argparse
import ast
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cpp_source
from common import ROOT

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
BEAST_UNITS_MAX = 6
CPP = (".cpp", ".hpp")
ALONE = ROOT / "build" / "alone"  # configured only: how each source is compiled by itself

ROOMS = ("domain", "codec", "crypto", "storage", "transport", "postal", "decisions", "actors", "capabilities", "gateway")
GATEWAY_SEES_OF_ACTORS = ("actors/interfaces.hpp", "actors/queries.hpp")

# Written in two halves, so that this file does not find itself.
FORBIDDEN_WORDS = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK")) + r")\b")
SLEEPS = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep|sleep)\s*\(")


@dataclass(frozen=True)
class Finding:
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Source:
    path: str  # relative to the root
    text: str

    @property
    def is_cpp(self) -> bool:
        return self.path.endswith(CPP)

    @property
    def top(self) -> str:
        return self.path.split("/", 1)[0]


def read_sources(root: Path) -> list[Source]:
    """Every file git knows or would take, as far as it is text."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                            capture_output=True, text=True, check=True).stdout
    sources = []
    for path in sorted(filter(None, listed.split("\0"))):
        try:
            sources.append(Source(path, (root / path).read_text(encoding="utf-8")))
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
    return sources


def rooms_used(cmake: str) -> set[str]:
    """The USES of an elsec_room() call."""
    text = re.sub(r"#[^\n]*", "", cmake)
    found = re.search(r"elsec_room\s*\([^)]*?\bUSES\b([^)]*)\)", text)
    if not found:
        return set()
    return set(re.split(r"\b(?:SOURCES|LIBRARIES|PRECOMPILE)\b", found[1])[0].split())


def may_see_capability(source: str, path: str) -> bool:
    """What is common to capabilities is everyone's; a capability's folder is its own, and the list's."""
    folder = path.split("/")[1:-1]
    return not folder or source.startswith(f"capabilities/{folder[0]}/") or source == "capabilities/all.cpp"


def check_rooms(sources: list[Source]) -> Iterator[Finding]:
    """A room includes itself and the rooms its CMakeLists.txt names; the gateway sees two headers of actors/ and of
    capabilities/ what lies in no capability's folder; no capability sees another."""
    cmake = {source.top: source.text for source in sources if re.fullmatch(r"[a-z]+/CMakeLists\.txt", source.path)}
    yield from (Finding(room, 1, "has sources but no CMakeLists.txt that says what it may use")
                for room in sorted({each.top for each in sources if each.is_cpp} & set(ROOMS) - set(cmake)))
    for source in sources:
        if source.top not in cmake or source.top not in ROOMS or not source.is_cpp:
            continue
        allowed = rooms_used(cmake[source.top]) | {source.top}
        for line, path, quoted in cpp_source.includes(source.text):
            room = path.split("/", 1)[0]
            if not quoted or room not in (*ROOMS, "app"):
                continue
            if room not in allowed:
                yield Finding(source.path, line, f"{source.top}/ may not use {room}/ ({path})")
            elif source.top == "gateway" and room == "actors" and path not in GATEWAY_SEES_OF_ACTORS:
                yield Finding(source.path, line, f"gateway/ sees only {' and '.join(GATEWAY_SEES_OF_ACTORS)}")
            elif room == "capabilities" and not may_see_capability(source.path, path):
                yield Finding(source.path, line, f"{source.path.rsplit('/', 1)[0]}/ may not know the capability of {path}")


def python_functions(source: Source) -> Iterator[tuple[int, int, str]]:
    for node in ast.walk(ast.parse(source.text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1, node.name


def function_lengths(source: Source) -> Iterable[tuple[int, int, str]]:
    if source.is_cpp:
        return ((each.first_line, each.lines, each.head[:60]) for each in cpp_source.functions(source.text))
    return python_functions(source) if source.path.endswith(".py") else ()


def check_lengths(sources: list[Source]) -> Iterator[Finding]:
    for source in sources:
        if not source.path.endswith((*CPP, ".py")):
            continue
        lines = source.text.count("\n")
        if lines > FILE_LINES_MAX:
            yield Finding(source.path, lines, f"{lines} lines; at most {FILE_LINES_MAX}: split the file by topic")
        for line, length, name in function_lengths(source):
            if length > FUNCTION_LINES_MAX:
                yield Finding(source.path, line, f"{name}: {length} lines; at most {FUNCTION_LINES_MAX}")


def matches(sources: Iterable[Source], pattern: re.Pattern[str], text: str) -> Iterator[Finding]:
    for source in sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            if found := pattern.search(line):
                yield Finding(source.path, number, f"{found[1]}: {text}")


def check_words(sources: list[Source]) -> Iterator[Finding]:
    return matches((each for each in sources if each.path != "LICENSE"), FORBIDDEN_WORDS, "finish it, or leave it out")


def check_sleeps(sources: list[Source]) -> Iterator[Finding]:
    tests = (each for each in sources if each.top == "tests")
    return matches(tests, SLEEPS, "tests wait for an event or drive the clock")


def check_beast(sources: list[Source]) -> Iterator[Finding]:
    """Each translation unit with Beast costs 20 seconds of building."""
    by_path = {source.path: cpp_source.includes(source.text) for source in sources if source.is_cpp}

    def reaches_beast(path: str, seen: set[str]) -> bool:
        if path in seen:
            return False
        seen.add(path)
        return any("boost/beast" in name or (quoted and reaches_beast(name, seen))
                   for _, name, quoted in by_path.get(path, []))

    units = [path for path in by_path if path.endswith(".cpp") and reaches_beast(path, set())]
    if len(units) > BEAST_UNITS_MAX:
        yield Finding(units[-1], 1, f"{len(units)} translation units include Beast, at most {BEAST_UNITS_MAX}: "
                      + ", ".join(units))


def check_awaits(sources: list[Source]) -> Iterator[Finding]:
    """g++ 12 miscompiles some of them: gateway/exchange.hpp says how."""
    for source in sources:
        if source.is_cpp:
            for line in cpp_source.awaits_in_conditions(source.text):
                yield Finding(source.path, line, "co_await inside of a condition: name its result first")


def run_all(commands: list[list[str]], pattern: re.Pattern[str], folder: Path = ROOT) -> Iterator[Finding]:
    """As many at a time as there are cores; findings are what `pattern` finds in their output."""

    def run(command: list[str]) -> set[Finding]:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        output = done.stdout + done.stderr
        found = {Finding(os.path.relpath(folder / each[1], ROOT), int(each[2]), each[3])
                 for each in pattern.finditer(output)}
        if done.returncode != 0 and not found:  # it was killed, say: nothing found is not nothing wrong
            found.add(Finding(command[-1], 1, f"status {done.returncode}: " + (output.splitlines() or [""])[-1]))
        return found

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        findings = set().union(*pool.map(run, commands))
    yield from sorted(findings, key=lambda each: (each.file, each.line, each.text))


DIAGNOSTIC = re.compile(r"^(\S+?):(\d+):\d+: (?:(?:fatal )?error|warning): (.*)$", re.MULTILINE)


def check_format(sources: list[Source]) -> Iterator[Finding]:
    files = [source.path for source in sources if source.is_cpp]
    seen: set[str] = set()
    for finding in run_all([["clang-format-19", "--dry-run", "-Werror", file] for file in files], DIAGNOSTIC):
        if finding.file not in seen:
            seen.add(finding.file)
            yield Finding(finding.file, finding.line, f"not formatted; run: clang-format-19 -i {finding.file}")


def check_tidy(sources: list[Source]) -> Iterator[Finding]:
    units = [source.path for source in sources if source.path.endswith(".cpp") and source.top in (*ROOMS, "app")]
    yield from run_all([["clang-tidy-19", "-p", str(ALONE), "--quiet", unit] for unit in units], DIAGNOSTIC)


def check_alone(_: list[Source]) -> Iterator[Finding]:
    """The release build compiles several sources of a room as one (and with headers precompiled): a source must
    nevertheless include what it uses, or it breaks when its neighbours change."""
    commands = []
    for unit in json.loads((ALONE / "compile_commands.json").read_text()):
        words = shlex.split(unit["command"])
        if Path(words[0]).name == "ccache":
            words.pop(0)
        output = words.index("-o")
        commands.append([*words[:output], *words[output + 2:-1], "-fsyntax-only", words[-1]])
    if not commands:
        yield Finding("build/alone", 1, "names no source")
    yield from run_all(commands, DIAGNOSTIC, ALONE)


CHECKS: tuple[Callable[[list[Source]], Iterator[Finding]], ...] = (
    check_rooms, check_lengths, check_words, check_sleeps, check_beast, check_awaits,
    check_format)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev lint")
    parser.add_argument("--alone", action="store_true", help="also compile every source by itself; takes minutes")
    parser.add_argument("--tidy", action="store_true", help="also run clang-tidy; takes many minutes")
    wanted = parser.parse_args()
    sources = read_sources(ROOT)
    checks = CHECKS + (check_alone,) * wanted.alone + (check_tidy,) * wanted.tidy
    if (wanted.alone or wanted.tidy) and not (ALONE / "compile_commands.json").exists():
        sys.exit("lint: this needs the commands of the preset `alone`; run it as ./dev lint")
    findings = [finding for check in checks for finding in check(sources)]
    for finding in findings:
        print(finding)
    print(f"lint: {len(findings)} findings in {len(sources)} files")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
