"""`./dev bench [NAME…]`: each figure beside its limit, both measured in the same run. docs/performance.md says how.

Writes bench/results.json. Large stores are filled once and kept in build/bench.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import beside
import lines
import pages
import people
import report
import scale
from common import ROOT, Failure, failures_end_the_program, say
from people import Pair
from peers import Nginx
from report import Line

FOLDER = ROOT / "build" / "bench"

Measure = Callable[[Pair, Nginx], Line | list[Line]]
WITH_NGINX: dict[str, Measure] = {"uploads": lines.uploads, "record": lines.record, "handshakes": lines.handshakes,
                                  "transfer": lines.transfer, "arrivals": lines.arrivals}
NAMES = ["memory", *WITH_NGINX, "scale", "pages"]


def measure(names: list[str], show: Callable[[Line], None]) -> None:
    run = FOLDER / "run"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    if set(names) - {"scale", "pages"}:
        with people.fresh_pair(run / "pair") as pair:
            if "memory" in names:
                for line in lines.memory(pair):
                    show(line)
            with Nginx(run / "nginx", run / "pair" / pair.nodes[0].name / "tls") as nginx:
                for name in (each for each in WITH_NGINX if each in names):
                    found = WITH_NGINX[name](pair, nginx)
                    for line in found if isinstance(found, list) else [found]:
                        show(line)
    if "scale" in names:
        for line in scale.measure(FOLDER / "stores"):
            show(line)
    if "pages" in names:
        for line in pages.measure(FOLDER / "stores"):
            show(line)
    shutil.rmtree(run, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help=f"which lines; there are: {', '.join(NAMES)}")
    parser.add_argument("--no-results", action="store_true", help="print only, leave bench/results.json as it is")
    parser.add_argument("--beside", type=Path, metavar="TREE", help="compare with another built tree, in turn; print only")
    parser.add_argument("--rounds", type=int, default=beside.ROUNDS, help=f"with --beside: of each side, {beside.ROUNDS}")
    wanted = parser.parse_args()
    if wanted.beside:
        beside.compare(wanted.beside, FOLDER / "beside", wanted.name, wanted.rounds)
        return 0
    unknown = set(wanted.name) - set(NAMES)
    if unknown:
        raise Failure(f"no such line: {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    about = report.machine(FOLDER)
    say(", ".join(f"{name} {value}" for name, value in about.items()))
    found: list[Line] = []

    def show(line: Line) -> None:
        line.show()
        found.append(line)

    measure(wanted.name or NAMES, show)
    if not wanted.no_results:
        report.write(about, found)
    missed = [line.name for line in found if not line.met]
    say(f"{len(found) - len(missed)} of {len(found)} aims met in {time.monotonic() - begin:.0f} s"
        + (f"; missed: {', '.join(missed)}" if missed else ""))
    return 0


if __name__ == "__main__":
    with failures_end_the_program():
        sys.exit(main())
