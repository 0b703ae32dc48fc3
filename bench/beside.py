"""`./dev bench --beside TREE [NAME…]`: this tree's figures beside another built tree's, in turn on the same machine.

For questions like "is it as fast as it was at that commit": check the commit out elsewhere, build it, name its folder.
Disks and neighbours make single rates swing by a third, so both trees' nodes run at once, rounds alternate, and each
round is compared with its neighbour; the time of the processors that the nodes took is told beside the rate.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import loads
import people
from common import Failure, say
from lines import CONNECTIONS, TRANSFER_DOCUMENT_BYTES, UPLOAD_BYTES, arrivals_once, quieten
from network import NodeEntry
from people import Member, Pair

ROUNDS = 12
ROUND_SECONDS = 3.0
ARRIVALS = 150
TRANSFER_DOCUMENTS = 200
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Round:
    value: float      # what is compared: a rate, or milliseconds
    cpu_ms: float     # of both nodes, for each operation
    p99_ms: float


@dataclass(frozen=True)
class Question:
    """What one name measures."""

    unit: str
    lower_is_better: bool
    once: Callable[[Pair], tuple[float, int, float]]  # value, operations, p99 in ms


def uploads(pair: Pair) -> tuple[float, int, float]:
    body = pair.folder / "body.bin"
    if not body.exists():
        body.write_bytes(b"Befund: " + os.urandom(UPLOAD_BYTES - 8))
    run = loads.wrk("upload.lua", f"{pair.nodes[0].url}/api/v1/documents", CONNECTIONS, ROUND_SECONDS, "POST",
                    str(body), pair.sender.token)
    return run.rate, run.count, run.p99_ms


def record(pair: Pair) -> tuple[float, int, float]:
    ids = pair.folder / "record.ids"
    if not ids.exists():
        loads.fill(pair.port, pair.sender_tokens(), 10, UPLOAD_BYTES, 1, ids)
    url = f"{pair.nodes[0].url}/api/v1/documents/{ids.read_text().split()[0]}"
    run = loads.wrk("get.lua", url, CONNECTIONS, ROUND_SECONDS, pair.sender.token)
    return run.rate, run.count, run.p99_ms


def transfer(pair: Pair) -> tuple[float, int, float]:
    ids = pair.folder / "transfer.ids"
    loads.fill(pair.port, pair.sender_tokens(), TRANSFER_DOCUMENTS, TRANSFER_DOCUMENT_BYTES, 4, ids)
    quieten()
    sent = loads.dispatches(pair.port, pair.sender.token, ids, pair.peer_port, pair.recipient.token,
                            pair.recipient.organisation, 8, 0.0)
    return TRANSFER_DOCUMENTS * TRANSFER_DOCUMENT_BYTES / sent.seconds / 1e6, TRANSFER_DOCUMENTS, sent.arrival.p99_ms


def arrivals(pair: Pair) -> tuple[float, int, float]:
    run = arrivals_once(pair, ARRIVALS)
    return run.arrival.p50_ms, ARRIVALS, run.arrival.p99_ms


QUESTIONS: dict[str, Question] = {"uploads": Question("uploads/s", False, uploads),
                                  "record": Question("requests/s", False, record),
                                  "transfer": Question("MB/s", False, transfer),
                                  "arrivals": Question("ms", True, arrivals)}


def cpu_seconds(pair: Pair) -> float:
    """Of the nodes and of the children that they have waited for, in user and kernel."""
    fields = [Path(f"/proc/{node.pid}/stat").read_text().rpartition(")")[2].split() for node in pair.nodes]
    return sum(int(ticks) for each in fields for ticks in each[11:15]) / TICKS


def measured(pair: Pair, question: Question) -> Round:
    quieten()
    before = cpu_seconds(pair)
    value, operations, p99 = question.once(pair)
    return Round(value, (cpu_seconds(pair) - before) * 1e3 / operations, p99)


SERVE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
sys.path[:0] = ["tools", "bench"]
import people
from network import down
folder = Path(sys.argv[1])
pair = people.make_pair(folder)
try:
    print(json.dumps({"nodes": [asdict(node) for node in pair.nodes], "sender": asdict(pair.sender),
                      "recipient": asdict(pair.recipient)}, default=str), flush=True)
    sys.stdin.read()
finally:
    down(folder)
"""


@contextmanager
def pair_of(tree: Path, folder: Path) -> Iterator[Pair]:
    """Two nodes of another tree, started by that tree's own tools."""
    folder.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", SERVE, str(folder / "pair")], cwd=tree, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as program:
        line = program.stdout.readline() if program.stdout else ""
        if not line:
            raise Failure(f"the nodes of {tree} did not start")
        told = json.loads(line)
        nodes = [NodeEntry(**node) for node in told["nodes"]]
        yield Pair(folder, nodes, Member(**told["sender"]), Member(**told["recipient"]))
        program.communicate()


def told(name: str, question: Question, ours: list[Round], theirs: list[Round]) -> None:
    rate = median((b.value / a.value) if question.lower_is_better else (a.value / b.value)
                  for a, b in zip(ours, theirs, strict=True))
    cpu = median(b.cpu_ms / a.cpu_ms for a, b in zip(ours, theirs, strict=True))
    say(f"{name:10} {rate:6.3f} of the other tree's speed, {cpu:.3f} by time of the processors (above 1: ours is faster)")
    for side, rounds in (("this", ours), ("the other", theirs)):
        values = sorted(each.value for each in rounds)
        say(f"{'':10} {side:10} {median(values):10,.4g} {question.unit} [{values[0]:,.4g} to {values[-1]:,.4g}], "
            f"{median(each.cpu_ms for each in rounds):.4g} ms of processor each, "
            f"p99 {median(each.p99_ms for each in rounds):.2f} ms")


def compare(tree: Path, folder: Path, names: list[str], rounds: int) -> None:
    unknown = set(names) - set(QUESTIONS)
    if unknown:
        raise Failure(f"nothing to compare named {', '.join(sorted(unknown))}; there are: {', '.join(QUESTIONS)}")
    if not (tree / "bench" / "people.py").exists():
        raise Failure(f"{tree} is no built tree of this project")
    shutil.rmtree(folder, ignore_errors=True)
    with ExitStack() as stack:
        here = stack.enter_context(people.fresh_pair(folder / "this" / "pair"))
        there = stack.enter_context(pair_of(tree.resolve(), (folder / "other").resolve()))
        for name in names or list(QUESTIONS):
            sides: tuple[list[Round], list[Round]] = ([], [])
            for number in range(rounds):
                for side, pair in sorted(enumerate((here, there)), key=lambda each: (each[0] + number) % 2):
                    sides[side].append(measured(pair, QUESTIONS[name]))
            told(name, QUESTIONS[name], *sides)
    shutil.rmtree(folder, ignore_errors=True)
