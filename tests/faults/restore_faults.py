"""A node that is put back to an older copy of itself: what its peers hold for it or have delivered to it is neither lost
nor repeated, and neither is what it had sent or printed itself and has forgotten."""

import random
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import clinics
import network
import promises
from case import Case, Scale
from clinics import Clinic, NodeEntry
from common import Failure, wait_for
from node_config import NodeFiles
from promises import Errand, Traffic

COPY_SECONDS = 120.0
MOMENT_SECONDS = 300.0


@dataclass(frozen=True)
class Copy:
    """Of a running node, made as README.md tells operators to: state first, then content."""

    folder: Path
    node: NodeFiles

    def make(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("state", "content"):
            target = self.folder / name
            target.mkdir(parents=True, mode=0o700)
            done = subprocess.run(["mdb_copy", self.node.data / name, target], capture_output=True, text=True,
                                  timeout=COPY_SECONDS)
            if done.returncode != 0:
                raise Failure(f"mdb_copy of {name}: {done.stderr.strip()}")
        shutil.copyfile(self.node.slots / "slots", self.folder / "slots")

    def put_back(self, with_slots: bool) -> None:
        for name in ("state", "content"):
            shutil.rmtree(self.node.data / name)
            shutil.copytree(self.folder / name, self.node.data / name)
        if with_slots:
            shutil.copyfile(self.folder / "slots", self.node.slots / "slots")


@dataclass
class Scene:
    """node1 is the one that is put back."""

    folder: Path
    ledger: promises.Ledger
    room: promises.PrintRoom
    seed: int
    number: int = 0

    @property
    def put_back(self) -> Clinic:
        return self.ledger.clinics[0]

    @property
    def peer(self) -> Clinic:
        return self.ledger.clinics[1]

    def errands(self, count: int, senders: list[Clinic]) -> list[Errand]:
        """Between the nodes and by post; within the node that is put back both sides would forget."""
        chance = random.Random(self.seed + self.number)
        made = []
        for _ in range(count):
            self.number += 1
            sender = chance.choice(senders)
            other = self.peer if sender is self.put_back else self.put_back
            made.append(Errand(self.number, sender, chance.choice([[other], [other], [None], [other, None]])))
        return made

    def run(self, count: int, senders: list[Clinic]) -> None:
        Traffic(self.errands(count, senders), self.ledger, self.seed).finish()

    def made_by_put_back(self) -> set[str]:
        """Everything its clients were promised so far."""
        return ({each.id for each in self.ledger.dispatches if each.sender is self.put_back}
                | {each.document_id for each in self.ledger.uploads if each.owner is self.put_back})

    def forgotten(self, before_the_copy: set[str]) -> frozenset[str]:
        """What came after the copy and is not in it; what came before has to be known."""
        client = self.put_back
        known = {each["id"] for path in ("/api/v1/dispatches", "/api/v1/documents") for each in client.items(path)}
        return frozenset(self.made_by_put_back() - before_the_copy - known)


def restart_from(copy: Copy, scene: Scene, with_slots: bool, held: int) -> None:
    """While the node is away, its peer takes on `held` more dispatches for it."""
    network.kill(scene.folder / "network", copy.node.name)
    scene.run(held, [scene.peer])
    copy.put_back(with_slots)
    network.start(scene.folder / "network", [copy.node.name])


def play(scene: Scene, node: NodeFiles, size: int, with_slots: bool) -> str:
    everyone = scene.ledger.clinics
    copy = Copy(scene.folder / "copy", node)
    scene.run(size, everyone)
    promises.check(scene.ledger, scene.room)
    traffic = Traffic(scene.errands(2 * size, everyone), scene.ledger, scene.seed)
    begun = scene.ledger.count()
    wait_for("dispatches under way", lambda: scene.ledger.count() >= begun + size // 2, MOMENT_SECONDS, pause=0.005)
    before = scene.made_by_put_back()
    copy.make()
    traffic.finish()
    letters_stay_in_the_spool(scene)
    restart_from(copy, scene, with_slots, held=size // 2)
    forgotten = scene.forgotten(before)
    scene.run(size, everyone)
    figures = promises.check(scene.ledger, scene.room, forgotten)
    for name in (node.name, "node2"):  # and nothing is repeated after another start
        network.kill(scene.folder / "network", name)
        network.start(scene.folder / "network", [name])
    promises.check(scene.ledger, scene.room, forgotten)
    return f"{len(forgotten)} forgotten; {figures}"


def letters_stay_in_the_spool(scene: Scene) -> None:
    """Returns when every wire dispatch has arrived and every letter lies in the spool; the print room has not come."""
    def is_handed_over() -> bool:
        states = [each["state"] for clinic in scene.ledger.clinics for each in clinic.items("/api/v1/dispatches")]
        return all(state in (*promises.DELIVERED, "posted", promises.SENT) for state in states)

    wait_for("every dispatch to be delivered or posted", is_handed_over, MOMENT_SECONDS, pause=0.1)


def letters_printed_since_the_copy_are_not_printed_again(scale: Scale, folder: Path) -> str:
    """The copy knows them as not yet handed over, or as handed over; the print room is through with them, and nothing of
    them is left in the spool."""
    with clinics.running(folder / "network") as entries:
        scene, node = scene_in(folder, entries, scale.seed), entries[0].files
        copy = Copy(folder / "copy", node)
        errands = [Errand(number, scene.put_back, [None]) for number in range(1, scale.pick(10, 40) + 1)]
        scene.number = len(errands)
        traffic = Traffic(errands, scene.ledger, scene.seed)
        wait_for("letters under way", lambda: scene.ledger.count() >= len(errands) // 2, MOMENT_SECONDS, pause=0.002)
        before = scene.made_by_put_back()
        copy.make()
        traffic.finish()
        promises.check(scene.ledger, scene.room)
        restart_from(copy, scene, with_slots=False, held=1)
        forgotten = scene.forgotten(before)
        scene.run(2, scene.ledger.clinics)
        return f"{len(forgotten)} forgotten; {promises.check(scene.ledger, scene.room, forgotten)}"


def scene_in(folder: Path, entries: list[NodeEntry], seed: int) -> Scene:
    made = [clinics.found_clinic(f"Klinik {entry.name}", entry) for entry in entries]
    clinics.introduce(made)
    return Scene(folder, promises.Ledger(made), promises.print_room_of(entries), seed)


def older_copy_put_back(scale: Scale, folder: Path) -> str:
    """With the slot file as it is, as a restore goes after the loss of the data's disk alone."""
    with clinics.running(folder / "network") as entries:
        return play(scene_in(folder, entries, scale.seed), entries[0].files, scale.pick(8, 40), with_slots=False)


def older_copy_put_back_with_its_slots(scale: Scale, folder: Path) -> str:
    """A whole machine put back, from a snapshot of its disk, say."""
    with clinics.running(folder / "network") as entries:
        return play(scene_in(folder, entries, scale.seed), entries[0].files, scale.pick(8, 40), with_slots=True)


CASES = [Case("older_copy_put_back", "R19", older_copy_put_back),
         Case("older_copy_put_back_with_its_slots", "R19", older_copy_put_back_with_its_slots),
         Case("letters_printed_since_the_copy_are_not_printed_again", "R7",
              letters_printed_since_the_copy_are_not_printed_again)]
