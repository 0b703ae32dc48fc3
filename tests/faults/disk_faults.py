"""A disk without space refuses what is new, keeps what is there, and goes on by itself when space returns."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import clinics
import disks
import network
import promises
from api import Answer
from case import Case, Scale
from clinics import Clinic, NodeEntry
from common import Failure, wait_for
from promises import Errand

MIB = 1024 * 1024
DISK_BYTES = 48 * MIB
ROOMY_BYTES = 192 * MIB
RESERVE_BYTES = 16 * MIB
RECOVERY_SECONDS = 120.0
STORAGE_FULL = 507
REFUSALS = (429, 503, STORAGE_FULL)
UPLOADS_MAX = 200


@dataclass
class Place:
    """node1's folders lie on small disks; node2 has all the room there is."""

    folder: Path
    entries: list[NodeEntry]
    ledger: promises.Ledger
    room: promises.PrintRoom
    seed: int
    number: int = 0

    @property
    def cramped(self) -> Clinic:
        return self.ledger.clinics[0]

    @property
    def roomy(self) -> Clinic:
        return self.ledger.clinics[1]

    def errand(self, sender: Clinic, recipient: Clinic | None, large: bool = False) -> Errand:
        self.number += 1
        return Errand(self.number, sender, [recipient], large)

    def run(self, sender: Clinic, recipient: Clinic | None) -> None:
        promises.run(self.errand(sender, recipient), self.ledger, self.seed)


def prepare(folder: Path, entries: list[NodeEntry], small: disks.SmallDisks, seed: int) -> Place:
    """Clinics with older documents, and then the small disks under node1."""
    network.down(folder / "network")
    for name in ("data", "spool"):
        small.put_under(entries[0].files.folder / name, DISK_BYTES)
    network.start(folder / "network", [])
    made = [clinics.found_clinic(f"Klinik {entry.name}", entry) for entry in entries]
    clinics.introduce(made)
    place = Place(folder, entries, promises.Ledger(made), promises.print_room_of(entries), seed)
    for sender, recipient in ((made[0], made[1]), (made[1], made[0]), (made[0], None)):
        place.run(sender, recipient)
    promises.check(place.ledger, place.room)
    return place


def upload_until_refused(place: Place) -> int:
    """Answers how many were taken before the first 507."""
    for taken in range(UPLOADS_MAX):
        errand = place.errand(place.cramped, None, large=True)
        file = Errand(errand.number, errand.sender, [place.roomy], large=True).file(place.seed)
        answer = place.cramped.upload(file, f"fill-{errand.number}")
        if answer.status == STORAGE_FULL:
            check_refusal(answer)
            return taken
        place.ledger.uploaded(place.cramped, file, answer)
    raise Failure(f"{UPLOADS_MAX} uploads and no {STORAGE_FULL}")


def check_refusal(answer: Answer) -> None:
    problem = answer.json()
    if problem.get("code") != "storage_full":
        raise Failure(f"{STORAGE_FULL} with code {problem.get('code')}")


def check_reading(place: Place) -> None:
    """Lists, and every older document byte for byte, at once and without a repeat."""
    client = place.cramped.client
    for path in ("/documents", "/documents?box=inbox", "/dispatches", "/letters", "/directory", "/organisation"):
        client.get(f"/api/v1{path}")
    inbox = client.get("/api/v1/documents?box=inbox")["items"]
    arrived = [(each["id"], each["sha256"]) for each in inbox]  # downloaded before, so collected already
    own = [(each.document_id, each.sha256) for each in place.ledger.uploads if each.owner is place.cramped]
    for document, sha256 in arrived + own:
        body = client.send("GET", f"/api/v1/documents/{document}/content").body
        if hashlib.sha256(body).hexdigest() != sha256:
            raise Failure(f"{document} has other bytes")


def dispatch_existing(place: Place) -> list[int]:
    """Of the first own document, to the other node and by post: the statuses."""
    statuses = []
    own = next(each for each in place.ledger.dispatches if each.sender is place.cramped and each.recipient is None)
    document = next(each.document_id for each in place.ledger.uploads if each.sha256 == own.sha256)
    for recipient in (place.roomy, None):
        errand = place.errand(place.cramped, recipient)
        to = clinics.to(recipient) if recipient else clinics.by_post()
        answer = place.cramped.dispatch(document, [to], f"{place.seed}-{errand.number}")
        statuses.append(answer.status)
        if answer.status == 202:
            place.ledger.dispatched(place.cramped, own.sha256, [recipient], answer)
        elif answer.status not in REFUSALS:
            raise Failure(f"a dispatch was answered {answer.status} {answer.body[:200]!r}")
    return statuses


def incoming_large(place: Place) -> None:
    """Sent to the node without space: its peer keeps it until there is some."""
    promises.run(place.errand(place.roomy, place.cramped, large=True), place.ledger, place.seed)


def recover(place: Place, pid: int) -> str:
    """Space returns, the node goes on: no restart, and everything promised meanwhile arrives."""

    def upload_is_taken() -> bool:
        file = Errand(place.number, place.cramped, [place.roomy], large=True).file(place.seed + 1)
        answer = place.cramped.upload(file, f"after-{place.number}")
        if answer.status in REFUSALS:
            return False
        place.ledger.uploaded(place.cramped, file, answer)
        return True

    wait_for("an upload to be taken again", upload_is_taken, RECOVERY_SECONDS)
    place.run(place.cramped, place.roomy)
    place.run(place.cramped, None)
    figures = promises.check(place.ledger, place.room)
    running = network.Network(place.folder / "network").processes()
    if running.get(place.entries[0].name) is None or running[place.entries[0].name].pid != pid:
        raise Failure("the node was not the same process all the time")
    return figures


def pid_of(place: Place) -> int:
    return network.Network(place.folder / "network").processes()[place.entries[0].name].pid


def reserve_reached_refuses_uploads_and_nothing_else(scale: Scale, folder: Path) -> str:
    settings = [f"storage.free_reserve_bytes={RESERVE_BYTES}"]
    with disks.SmallDisks() as small, clinics.running(folder / "network", overrides=settings) as entries:
        place = prepare(folder, entries, small, scale.seed)
        pid = pid_of(place)
        taken = upload_until_refused(place)
        check_reading(place)
        statuses = dispatch_existing(place)
        if statuses != [202, 202]:
            raise Failure(f"the reserve is there for dispatches, but they were answered {statuses}")
        promises.check(place.ledger, place.room)
        incoming_large(place)
        check_reading(place)
        for name in ("data", "spool"):
            small.resize(entries[0].files.folder / name, ROOMY_BYTES)
        return f"507 after {taken} uploads; {recover(place, pid)}"


def full_disk_refuses_and_recovers(scale: Scale, folder: Path) -> str:
    settings = ["storage.free_reserve_bytes=0"]
    with disks.SmallDisks() as small, clinics.running(folder / "network", overrides=settings) as entries:
        place = prepare(folder, entries, small, scale.seed)
        pid = pid_of(place)
        rounds = scale.pick(1, 4)
        taken, statuses = 0, []
        for _ in range(rounds):
            full = [disks.ballast(entries[0].files.folder / name) for name in ("data", "spool")]
            taken += upload_until_refused(place)
            check_reading(place)
            statuses += dispatch_existing(place)
            incoming_large(place)
            upload_until_refused(place)
            check_reading(place)
            for file in full:
                file.unlink()
            figures = recover(place, pid)
        return f"{rounds} times full, {taken} uploads squeezed in, dispatches {statuses}; {figures}"


CASES = [Case("reserve_reached_refuses_uploads_and_nothing_else", "R19",
              reserve_reached_refuses_uploads_and_nothing_else),
         Case("full_disk_refuses_and_recovers", "R19", full_disk_refuses_and_recovers)]
