"""`./dev torture [MINUTES] [CASE…]`: the fault tests of tests/faults in full, again and again with new seeds until the
minutes are over (at least once each). `./dev test` runs them small. The last line is `N passed, M failed`."""

import argparse
import importlib
import random
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from common import BUILD, ROOT, say

FOLDER = ROOT / "tests" / "faults"
KEPT = ROOT / "build" / "log" / "faults"

sys.path.insert(0, str(FOLDER))
from case import Case, Scale  # noqa: E402  (the folder is on the path only now)


def all_cases() -> list[Case]:
    """Every module *_faults.py lists its cases in CASES."""
    return [case for module in sorted(FOLDER.glob("*_faults.py"))
            for case in importlib.import_module(module.stem).CASES]


def run_case(case: Case, scale: Scale) -> bool:
    begin = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"elsec-{case.name}-"))
    try:
        figures = case.run(scale, folder)
        passed = True
    except Exception:  # whatever it was, the case did not hold
        figures, passed = traceback.format_exc(), False
        keep(folder, case)
    shutil.rmtree(folder, ignore_errors=True)
    word = "ok" if passed else "FAILED"
    say(f"{case.name:44} {word}  seed {scale.seed}  {time.monotonic() - begin:.1f} s  {figures}")
    return passed


def keep(folder: Path, case: Case) -> None:
    """The nodes' logs of a failed case, without their data."""
    target = KEPT / case.name
    shutil.rmtree(target, ignore_errors=True)
    for log in folder.rglob("*.log"):
        copy = target / log.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, copy)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev torture")
    parser.add_argument("minutes", nargs="?", type=float, default=0.0, help="go on for so long; default: once through")
    parser.add_argument("case", nargs="*", help="which cases; default: all")
    parser.add_argument("--small", action="store_true", help="as small as in ./dev test")
    parser.add_argument("--seed", type=int, help="of the first round; each further round adds one")
    wanted = parser.parse_args()
    cases = [case for case in all_cases() if not wanted.case or case.name in wanted.case]
    if wanted.small:
        cases = [case for case in cases if case.in_short_run or wanted.case]
    if wanted.case and len(cases) < len(set(wanted.case)):
        say(f"there are: {', '.join(case.name for case in all_cases())}")
        return 2
    seed = wanted.seed if wanted.seed is not None else random.SystemRandom().randrange(1_000_000)
    say(f"binaries: {BUILD}")
    passed = failed = 0
    end = time.monotonic() + 60.0 * wanted.minutes
    while cases and (not passed + failed or time.monotonic() < end):
        for case in cases:
            held = run_case(case, Scale(full=not wanted.small, seed=seed))
            passed, failed = passed + held, failed + (not held)
        seed += 1
    say(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
