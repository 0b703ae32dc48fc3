"""Every fuzz target for a minute: no input crashes a reader of foreign bytes, and its asserted properties hold."""

import subprocess
import sys
from pathlib import Path

from case import Case, Scale

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import fuzz  # noqa: E402  (the folder is on the path only now)
from common import Failure  # noqa: E402

SECONDS = 60


def run(target: str, scale: Scale) -> str:
    done = subprocess.run([ROOT / "dev", "fuzz", target, str(scale.pick(5, SECONDS)), "--seed", str(scale.seed)],
                          cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Failure(done.stdout)
    return done.stdout.splitlines()[-1]


def case_of(target: str) -> Case:
    def run_target(scale: Scale, _folder: Path) -> str:
        return run(target, scale)

    return Case(f"fuzz_{target}", "promise 5", run_target, in_short_run=False)


CASES = [case_of(target) for target in fuzz.targets()]
