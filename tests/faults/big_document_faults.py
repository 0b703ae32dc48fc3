"""The largest document there may be: it must cost no more memory than small ones, and nobody else their patience."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import bulk
import clinics
from case import Case, Scale
from clinics import Clinic
from common import Failure, wait_for
from measure import MIB, MemoryWatch, Prober, Target, check_p99, probing

LARGEST_MIB = 1024  # limits.document_bytes_max
MEMORY_MAX = 150 * MIB
P99_MS = 50.0
# A machine that does other things as well delays everybody; a stall of the node itself grows with the document.
P99_MS_SMALL = 1_000.0
TRAVEL_SECONDS = 1_800.0

T = TypeVar("T")


def copy_of(receiver: Clinic, dispatch: str) -> str | None:
    copies = receiver.items("/api/v1/documents?box=inbox")
    return next((str(copy["id"]) for copy in copies if copy.get("dispatch_id") == dispatch), None)


class Stopwatch:
    """Each phase of a journey, for the prober and for the rates."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober
        self.seconds: dict[str, float] = {}

    def __call__(self, phase: str, work: Callable[[], T]) -> T:
        self._prober.phase(phase)
        begin = time.monotonic()
        done = work()
        self.seconds[phase] = time.monotonic() - begin
        return done


def travel(sender: Clinic, receiver: Clinic, document_id: str) -> str:
    """The id of the copy once it is there."""
    accepted = sender.dispatch(document_id, [clinics.to(receiver)], "gross-1").json()["dispatches"][0]
    return wait_for("the document to arrive", lambda: copy_of(receiver, accepted["id"]), TRAVEL_SECONDS, pause=0.2)


def a_1_gib_document_in_bounded_memory(scale: Scale, folder: Path) -> str:
    size = scale.pick(64, LARGEST_MIB) * MIB
    chance = random.Random(scale.seed)
    with clinics.running(folder / "network") as nodes:
        sender, receiver = (clinics.found_clinic(f"Klinik {node.name}", node) for node in nodes)
        clinics.introduce([sender, receiver])
        record = sender.upload(clinics.noise(chance, 1_000), "klein-1").json()["id"]
        targets = [Target("node1 record", nodes[0], sender.client.token, f"/api/v1/documents/{record}"),
                   Target("node2 list", nodes[1], receiver.client.token, "/api/v1/documents?limit=20")]
        document = bulk.BigDocument(size, chance.randbytes(MIB))
        with MemoryWatch({node.name: node.pid or 0 for node in nodes}) as memory, probing(targets) as prober:
            timed = Stopwatch(prober)
            original = timed("upload", lambda: bulk.upload(sender, document))
            copy = timed("travel", lambda: travel(sender, receiver, original))
            arrived = timed("download", lambda: bulk.download(receiver, copy))
            found = prober.finish()
        if arrived != (size, document.sha256()):
            raise Failure(f"{size} bytes were sent, {arrived[0]} arrived, or others")
        rates = ", ".join(f"{phase} {size / MIB / each:.0f} MiB/s" for phase, each in timed.seconds.items())
        return f"{memory.check(MEMORY_MAX)}; {rates}; {check_p99(found, P99_MS if scale.full else P99_MS_SMALL)}"


CASES = [Case("a_1_gib_document_in_bounded_memory", "R19", a_1_gib_document_in_bounded_memory)]
