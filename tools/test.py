"""`./dev test`: runs every test and adds up. The last line is `N passed, M failed`; the status is 0 only if some test
ran and none failed.

Counted are the cases of the Boost.Test programs in build/release/tests, the cases of tests/tools (Python), the lint,
and the demo's story, each of the last two as one case.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from common import BUILD, ROOT, clean_environment, say

PROGRAM_SECONDS_MAX = 900.0
OUTPUT_LINES_SHOWN = 200
LEFT_OUT = re.compile(r'[Tt]est case "?([^"\n]+?)"? is skipped because (?:precondition failed: )?([^\n]+)')
SEEDS = "60"  # of the simulation; `./dev simulate --seeds N` runs more


@dataclass(frozen=True)
class Score:
    passed: int
    failed: int
    skipped: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


@dataclass(frozen=True)
class Run:
    status: int | None  # None: it took too long
    output: str


def run(command: list[str | Path]) -> Run:
    """Runs to the end, or ends the whole process group when it takes too long. Output goes through a file: a test may
    leave a process behind that holds the output open, and that must not hold up the runner."""
    with tempfile.TemporaryFile("w+b") as output:
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                 env=clean_environment(), start_new_session=True)
        try:
            status: int | None = child.wait(PROGRAM_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            status = None
        except BaseException:
            end_group(child)
            raise
        if status is None:
            end_group(child)
        output.seek(0)
        return Run(status, output.read().decode(errors="replace"))


def end_group(child: "subprocess.Popen[bytes]") -> None:
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def score_of_report(report: Path) -> Score | None:
    """The totals of a Boost.Test report, or None when the program died before writing it."""
    try:
        totals = ElementTree.parse(report).getroot().find("TestSuite")
    except (OSError, ElementTree.ParseError):
        return None
    if totals is None:
        return None
    count = {name: int(totals.get(f"test_cases_{name}", "0"))
             for name in ("passed", "passed_with_warnings", "failed", "skipped")}
    return Score(count["passed"] + count["passed_with_warnings"], count["failed"], count["skipped"])


def boost_test(program: Path) -> tuple[Score, Run]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = run([program, "--color_output=no", "--log_level=test_suite", "--report_level=short",
                    "--report_format=XML", f"--report_sink={report}"])
        score = score_of_report(report) or Score(0, 1)
    if done.status != 0 and score.failed == 0:
        score += Score(0, 1)  # it died after its tests, or a sanitizer objected
    return score, done


def as_one_case(*command: str | Path) -> tuple[Score, Run]:
    done = run(list(command))
    return (Score(1, 0) if done.status == 0 else Score(0, 1)), done


def python_tests() -> tuple[Score, Run]:
    """unittest prints one line per case with --verbose: "name (where) ... ok"."""
    done = run([sys.executable, "-m", "unittest", "discover", "--verbose", "-s", "tests/tools", "-p", "*_test.py"])
    passed = sum(line.endswith("... ok") for line in done.output.splitlines())
    failed = sum(line.startswith(("FAIL: ", "ERROR: ")) for line in done.output.splitlines())
    return Score(passed, failed if failed or done.status == 0 else 1), done


def counted(*command: str | Path) -> tuple[Score, Run]:
    """A tool whose own last line says how many passed and failed."""
    done = run(list(command))
    last = (done.output.splitlines() or [""])[-1].replace(",", "").split()
    if len(last) == 4 and last[1] == "passed" and last[3] == "failed":
        return Score(int(last[0]), int(last[2])), done
    return Score(0, 1), done


def failures_of_boost(output: str) -> str:
    """What a failed program said, without the lines about cases that passed."""
    lines = [line for line in output.splitlines() if "Entering test" not in line and "Leaving test" not in line]
    return "\n".join(lines[-OUTPUT_LINES_SHOWN:])


def report(name: str, score: Score, done: Run, seconds: float) -> None:
    skipped = f", {score.skipped} skipped" if score.skipped else ""
    say(f"{name:24} {score.passed:5} passed, {score.failed} failed{skipped}  ({seconds:.1f} s)")
    for case, why in LEFT_OUT.findall(done.output):
        say(f"  left out: {case}: {why}")
    if score.failed:
        how = "it took too long" if done.status is None else f"status {done.status}"
        say(f"--- {name}: {how}\n{failures_of_boost(done.output)}\n---")


Test = Callable[[], tuple[Score, Run]]


def all_tests() -> dict[str, Test]:
    tests: dict[str, Test] = {
        "lint": lambda: as_one_case(sys.executable, "tools/lint.py"),
        "tools": python_tests,
    }
    for program in sorted((BUILD / "tests").glob("test_*")):
        if os.access(program, os.X_OK) and program.is_file():
            tests[program.name.removeprefix("test_")] = lambda program=program: boost_test(program)
    tests["simulation"] = lambda: counted("build/release/tests/elsec_simulate", "--seeds", SEEDS)
    tests["faults"] = lambda: counted(sys.executable, "tools/torture.py", "--small")
    tests["story"] = lambda: as_one_case(sys.executable, "tools/demo.py", "--once", "--dir", "build/test-demo")
    return tests


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev test")
    parser.add_argument("name", nargs="*", help="which tests to run; default: all")
    wanted = parser.parse_args().name
    tests = all_tests()
    total = Score(0, 0)
    for name in wanted or tests:
        if name not in tests:
            say(f"there is no test {name}; there are: {', '.join(tests)}")
            total += Score(0, 1)
            continue
        begin = time.monotonic()
        score, done = tests[name]()
        report(name, score, done, time.monotonic() - begin)
        total += score
    say(f"{total.passed} passed, {total.failed} failed")
    return 0 if total.passed and not total.failed else 1


if __name__ == "__main__":
    sys.exit(main())
