"""`./dev fuzz TARGET SECONDS`: runs a fuzz target from its corpus; without arguments it names the targets. New inputs
that reach further are kept in build/fuzz/found/TARGET for the next run; the corpus in fuzz/corpus holds seeds and
findings only. A finding ends the run; its input is made small and its path printed."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from common import ROOT, say

FOLDER = ROOT / "fuzz"
PROGRAMS = ROOT / "build" / "fuzz" / "targets"
FOUND = ROOT / "build" / "fuzz" / "found"
FINDINGS = ROOT / "build" / "log" / "fuzz"

# An input that takes longer, or more memory, is a finding like a crash.
INPUT_SECONDS_MAX = 10
MEMORY_MIB_MAX = 2048
# No allocation of any reader comes near it: bodies are bounded, and so is what their elements take.
ALLOCATION_MIB_MAX = 256
INPUT_BYTES_MAX = 16384
MINIMISE_SECONDS = 30
LINES_SHOWN = 60
PROGRESS = re.compile(r"#\d+\t|\s*(NEW_FUNC|INFO:)")


def targets() -> list[str]:
    return sorted(each.name for each in (FOLDER / "corpus").iterdir())


def environment() -> dict[str, str]:
    """Findings with the names of functions, where there is a program that knows them."""
    symbolizer = shutil.which("llvm-symbolizer-19") or shutil.which("llvm-symbolizer") or ""
    return {**os.environ, "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
            "UBSAN_OPTIONS": "print_stacktrace=1", "ASAN_SYMBOLIZER_PATH": symbolizer}


def command(target: str, *options: str | Path) -> list[str]:
    return [str(each) for each in (
        PROGRAMS / target, f"-timeout={INPUT_SECONDS_MAX}", f"-rss_limit_mb={MEMORY_MIB_MAX}",
        f"-malloc_limit_mb={ALLOCATION_MIB_MAX}", *options)]


def fuzz(target: str, seconds: int, seed: int) -> int:
    """Returns libFuzzer's status. The log goes on; the figures are its last lines."""
    found, findings = FOUND / target, FINDINGS / target
    found.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    dictionary = FOLDER / f"{target}.dict"
    options = [f"-dict={dictionary}"] if dictionary.exists() else []
    done = subprocess.run(command(target, *options, f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}",
                                  f"-seed={seed}", f"-artifact_prefix={findings}/", "-print_final_stats=1",
                                  found, FOLDER / "corpus" / target),
                          cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace")
    log = findings / "last.log"
    log.write_text(done.stderr, encoding="utf-8")
    say(f"{target}: {figures(done.stderr)}")
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if not PROGRESS.match(line)]
        say("\n".join(said[-LINES_SHOWN:]))
        for reproducer in sorted(set(findings.iterdir()) - before - {log}):
            say(f"reproducer: {minimised(target, reproducer)}")
        say(f"again with: {PROGRAMS / target} REPRODUCER; the whole log is {log}")
    return done.returncode


def minimised(target: str, reproducer: Path) -> Path:
    """The smallest input found in half a minute that still fails, or the one given."""
    small = reproducer.with_name(f"{reproducer.name}.small")
    subprocess.run(command(target, "-minimize_crash=1", f"-max_total_time={MINIMISE_SECONDS}",
                           f"-exact_artifact_path={small}", reproducer),
                   cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, capture_output=True)
    return small if small.exists() else reproducer


def figures(log: str) -> str:
    stats = dict(re.findall(r"^stat::(\w+):\s+(\d+)$", log, re.MULTILINE))
    coverage = re.findall(r"cov: (\d+)", log)
    return (f"{stats.get('number_of_executed_units', '0')} executions, "
            f"{stats.get('average_exec_per_sec', '0')} per second, {coverage[-1] if coverage else '0'} edges, "
            f"{stats.get('peak_rss_mb', '0')} MiB at most")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev fuzz")
    parser.add_argument("target", nargs="?", choices=targets())
    parser.add_argument("seconds", nargs="?", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="of the random changes; 0: another one each time")
    wanted = parser.parse_args()
    if wanted.target is None:
        say("\n".join(targets()))
        return 0
    return 1 if fuzz(wanted.target, wanted.seconds, wanted.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
