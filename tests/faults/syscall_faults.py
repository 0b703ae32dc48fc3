"""A node that dies at exactly one write or sync, and one whose disk refuses a sync: for each single call on the way of
a document, by wire and by post, at the sender's node and at the recipient's."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import clinics
import network
import promises
import tracer
from case import Case, Scale
from clinics import Clinic, NodeEntry
from common import Failure, wait_for
from node_config import NodeFiles
from tracer import Call

ERRAND_SECONDS = 120.0
REACHED_LEAST = 0.4  # of the calls aimed at: timers of the node shift some of them away


@dataclass
class Rig:
    """Two nodes, a clinic on each, and one errand after the other."""

    folder: Path
    entries: list[NodeEntry]
    clinics: list[Clinic]
    ledger: promises.Ledger
    room: promises.PrintRoom
    seed: int
    number: int = 0

    @property
    def network(self) -> network.Network:
        return network.Network(self.folder / "network")

    def pid(self, name: str) -> int:
        return self.network.processes()[name].pid

    def files(self, name: str) -> NodeFiles:
        return self.network.entry(name).files

    def is_up(self, name: str) -> bool:
        return name in self.network.processes()

    def start(self, name: str) -> None:
        network.start(self.folder / "network", [name])

    def has_arrived(self, errand: promises.Errand) -> bool:
        """As its sender sees it; False also while the sender's node is away."""
        self.room.collect()
        try:
            found = errand.sender.client.get(f"/api/v1/dispatches?client_ref={self.seed}-{errand.number}")["items"]
        except Failure:
            return False
        states = [each["state"] for each in found]
        return len(states) == len(errand.recipients) and set(states) <= {*promises.DELIVERED, promises.SENT}

    def next_errand(self, by_post: bool) -> promises.Errand:
        self.number += 1
        sender, recipient = self.clinics
        return promises.Errand(self.number, sender, [None if by_post else recipient])

    def carry(self, errand: promises.Errand, until: Callable[[], bool]) -> promises.Traffic:
        """Answers when the document has arrived, or earlier when `until` says so; the client goes on meanwhile."""
        traffic = promises.Traffic([errand], self.ledger, self.seed, clients=1)
        wait_for("the document to arrive", lambda: until() or self.has_arrived(errand), ERRAND_SECONDS, pause=0.01)
        return traffic

    def finish(self, errand: promises.Errand, traffic: promises.Traffic) -> None:
        traffic.finish()
        wait_for("the document to arrive", lambda: self.has_arrived(errand), ERRAND_SECONDS, pause=0.02)


def rig_in(folder: Path, entries: list[NodeEntry], seed: int) -> Rig:
    made = [clinics.found_clinic(f"Klinik {entry.name}", entry) for entry in entries]
    clinics.introduce(made)
    rig = Rig(folder, entries, made, promises.Ledger(made), promises.print_room_of(entries), seed)
    for entry in entries:  # the slot file is open under the name of its draft until the first restart
        network.kill(folder / "network", entry.name)
        rig.start(entry.name)
    for by_post in (False, True):  # the first time differs: keys are made and fetched
        warm_up = rig.next_errand(by_post)
        rig.finish(warm_up, rig.carry(warm_up, lambda: False))
    return rig


def calls_of(rig: Rig, name: str, by_post: bool) -> list[Call]:
    """What one document costs on this node."""
    errand = rig.next_errand(by_post)
    with tracer.watched(rig.pid(name), rig.files(name), rig.folder / f"{name}-calls.txt") as calls:
        rig.finish(errand, rig.carry(errand, lambda: False))
    return calls


def die_at(rig: Rig, name: str, call: Call, by_post: bool) -> bool:
    """Lets the node die at this call and start again. False when the call did not come."""
    errand = rig.next_errand(by_post)
    try:
        with tracer.struck(rig.pid(name), rig.files(name), call, "signal=KILL", rig.folder / "struck.txt"):
            traffic = rig.carry(errand, lambda: not rig.is_up(name))
        died = not rig.is_up(name)
        if died:
            rig.start(name)
        rig.finish(errand, traffic)
    except Failure as failure:
        raise Failure(f"{name} died at {call}: {failure}") from None
    return died


@dataclass(frozen=True)
class Way:
    node: str
    by_post: bool


WAYS = (Way("node1", False), Way("node2", False), Way("node1", True))
SYNCED = ("state", "content", "slots")


def death_at_each_write_and_sync(scale: Scale, folder: Path) -> str:
    aimed = reached = 0
    struck: set[str] = set()
    told = []
    with clinics.running(folder / "network") as entries:
        rig = rig_in(folder, entries, scale.seed)
        for way in WAYS:
            calls = calls_of(rig, way.node, way.by_post)
            step = 1 if scale.full else max(1, len(calls) // 8)
            chosen = calls[scale.seed % step::step]
            died = [call for call in chosen if die_at(rig, way.node, call, way.by_post)]
            aimed, reached = aimed + len(chosen), reached + len(died)
            struck |= {call.file for call in died}
            told.append(f"{way.node} {'letter' if way.by_post else 'wire'}: {len(chosen)} of {len(calls)} calls")
            promises.check(rig.ledger, rig.room)
        figures = promises.check(rig.ledger, rig.room)
    if reached < REACHED_LEAST * aimed:
        raise Failure(f"only {reached} of {aimed} deaths happened: the faults miss their calls")
    if scale.full and struck != {*SYNCED, tracer.SPOOL}:
        raise Failure(f"deaths only at {sorted(struck)}")
    return f"{reached} deaths at {aimed} calls ({'; '.join(told)}), at {', '.join(sorted(struck))}; {figures}"


def syncs_of(calls: list[Call], most: int) -> list[Call]:
    """Of each file the first ones. LMDB's meta page is synced by the write itself (O_DSYNC), right after its file."""
    chosen: list[Call] = []
    for file in SYNCED:
        chosen += [call for call in calls if call.name == "fdatasync" and call.file == file][:most]
    return chosen


def refuse(rig: Rig, name: str, call: Call, by_post: bool) -> bool:
    """The call fails with EIO, and the node must be gone by itself before anything is answered for. False when the call
    did not come: how many commits a document takes depends on what is committed together."""
    log = rig.folder / "struck.txt"
    errand = rig.next_errand(by_post)
    with tracer.struck(rig.pid(name), rig.files(name), call, "error=EIO", log):
        traffic = rig.carry(errand, lambda: not rig.is_up(name))
    if "(INJECTED)" not in log.read_text():
        traffic.finish()
        return False
    if rig.is_up(name):
        raise Failure(f"{name} went on after a failed {call}")
    said = rig.files(name).log.read_text(errors="replace").splitlines()[-1]
    if "stopping at once" not in said:
        raise Failure(f"{name} ended after a failed {call}, but says only: {said}")
    rig.start(name)
    rig.finish(errand, traffic)
    return True


def failed_fdatasync_stops_the_process(scale: Scale, folder: Path) -> str:
    aimed = 0
    stopped: list[str] = []
    with clinics.running(folder / "network") as entries:
        rig = rig_in(folder, entries, scale.seed)
        for way in WAYS:
            calls = syncs_of(calls_of(rig, way.node, way.by_post), scale.pick(1, 4))
            stopped += [call.file for call in calls if refuse(rig, way.node, call, way.by_post)]
            aimed += len(calls)
        figures = promises.check(rig.ledger, rig.room)
    if len(stopped) < REACHED_LEAST * aimed or set(stopped) != set(SYNCED):
        raise Failure(f"only {len(stopped)} of {aimed} syncs failed, of {sorted(set(stopped))}")
    return f"{len(stopped)} failed syncs, as many stops; {figures}"


def failed_sync_of_the_spool_costs_no_letter(scale: Scale, folder: Path) -> str:
    """Whether the node goes on or stops: the letter is printed once."""
    failed = 0
    with clinics.running(folder / "network") as entries:
        rig = rig_in(folder, entries, scale.seed)
        name = entries[0].name
        for number in range(1, scale.pick(4, 10) + 1):
            errand = rig.next_errand(by_post=True)
            log = rig.folder / "struck.txt"
            with tracer.struck(rig.pid(name), rig.files(name), Call("fsync", number, tracer.SPOOL), "error=EIO", log):
                traffic = rig.carry(errand, lambda: not rig.is_up(name))
            failed += "(INJECTED)" in log.read_text()
            if not rig.is_up(name):
                rig.start(name)
            rig.finish(errand, traffic)
        figures = promises.check(rig.ledger, rig.room)
    if failed < 4:
        raise Failure(f"only {failed} syncs failed")
    return f"{failed} failed syncs; {figures}"


CASES = [Case("death_at_each_write_and_sync", "R19", death_at_each_write_and_sync),
         Case("failed_fdatasync_stops_the_process", "R19", failed_fdatasync_stops_the_process),
         Case("failed_sync_of_the_spool_costs_no_letter", "R7", failed_sync_of_the_spool_costs_no_letter)]
