"""A row that cannot be read any more stops nothing that is behind it: two nodes, one of which finds it at its start."""

import random
from pathlib import Path

import clinics
import network
import promises
from api import Json
from case import Case, Scale
from clinics import Clinic, NodeEntry
from common import Failure, wait_for
from flip_faults import Flip, values_of
from promises import Ledger

# What queues, counters and links are made of. Damage to an organisation's own object is an error of that object.
TABLES = ("outbox", "due", "counters", "usage", "outbox_marks", "peers", "peer_kinds", "cards_by_version")
WAITING = 6
ARRIVAL_SECONDS = 60.0


def send(number: int, ledger: Ledger, chance: random.Random) -> None:
    sender, recipient = ledger.clinics
    file = clinics.noise(chance, 3_000)
    document = ledger.uploaded(sender, file, sender.upload(file, f"upload-{number}"))
    answer = sender.dispatch(document, [{"organisation_id": recipient.organisation_id}], f"reference-{number}")
    ledger.dispatched(sender, file.sha256, [recipient], answer)


def inbox(recipient: Clinic) -> list[Json]:
    return recipient.items("/api/v1/documents?box=inbox")


def await_inbox(recipient: Clinic, least: int, what: str) -> None:
    try:
        wait_for(what, lambda: len(inbox(recipient)) >= least, ARRIVAL_SECONDS)
    except Failure as late:
        raise Failure(f"{late}; {len(inbox(recipient))} of {least} have arrived") from None


def spoil(entry: NodeEntry, table: str, chance: random.Random) -> None:
    """One bit of one row, while the node is dead."""
    values = [value for value in values_of(entry.files.data / "state") if value.table == table]
    if not values:
        raise Failure(f"there is no row in {table}")
    value = chance.choice(values)
    Flip(value, chance.randrange(len(value.data) * 8)).__enter__()


def one_table(folder: Path, table: str, chance: random.Random) -> str:
    with clinics.running(folder) as entries:
        first, second = entries
        made = [clinics.found_clinic(f"Klinik {entry.name}", entry) for entry in entries]
        clinics.introduce(made)
        ledger, room = Ledger(made), promises.print_room_of(entries)
        send(0, ledger, chance)
        await_inbox(made[1], 1, "the first document")
        network.kill(folder, second.name)
        for number in range(1, 1 + WAITING):
            send(number, ledger, chance)
        network.kill(folder, first.name)
        spoil(first, table, chance)
        network.start(folder, [])
        lost = 1 if table == "outbox" else 0  # nobody can know any more whom a damaged envelope was for
        await_inbox(made[1], 1 + WAITING - lost, f"what waited when a row of {table} was damaged")
        before = len(inbox(made[1]))
        send(1 + WAITING, ledger, chance)
        await_inbox(made[1], before + 1, f"a document sent after a row of {table} was damaged")
        if not lost:
            promises.check(ledger, room)
        return f"{table} {before}"


def a_damaged_row_keeps_nothing_waiting(scale: Scale, folder: Path) -> str:
    chance = random.Random(scale.seed)
    tables = TABLES if scale.full else chance.sample(TABLES, 3)
    return "arrived: " + ", ".join(one_table(folder / table, table, chance) for table in tables)


CASES = [Case("a_damaged_row_keeps_nothing_waiting", "R19", a_damaged_row_keeps_nothing_waiting)]
