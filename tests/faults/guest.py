"""What runs inside the machine of uml.py, with the disk at /mnt: nodes and their clients. What a client was promised is
printed at once, so the host knows it when the power is gone.

    control synced|unsynced     appends numbers to a file and tells each one
    count                       tells how many numbers are in that file
    prepare                     makes a network and clinics
    serve SEED FIRST PROMISES   checks the promises of earlier lives (a file of the lines told), makes new ones
"""

import json
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2] / "tools")]

import clinics  # noqa: E402  (the folders are on the path only now)
import network  # noqa: E402
import promises  # noqa: E402
from api import Answer, Client  # noqa: E402
from clinics import Clinic, File  # noqa: E402
from promises import Dispatch, Errand, Upload  # noqa: E402

DISK = Path("/mnt")
NETWORK = DISK / "network"
CLINICS = DISK / "clinics.json"
NUMBERS = DISK / "numbers"
RECORD_BYTES = 4096
CLIENTS = 3
ERRANDS = 100_000  # more than any life lasts
# Page tables of user-mode Linux span 512 GiB.
SETTINGS = [f"storage.map_bytes_max={1 << 30}", "storage.free_reserve_bytes=1048576"]

_printing = threading.Lock()


def tell(word: str, **about: Any) -> None:
    """One write per line: a line that is half there when the power goes was not told."""
    with _printing:
        os.write(1, f"{word} {json.dumps(about)}\n".encode())


def append_numbers(synced: bool) -> None:
    """The control of the rig itself."""
    file = os.open(NUMBERS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    number = 0
    while True:
        number += 1
        os.write(file, f"{number}\n".rjust(RECORD_BYTES).encode())
        if synced:
            os.fdatasync(file)
        tell("NUMBER", number=number)


def count_numbers() -> None:
    records = NUMBERS.read_bytes() if NUMBERS.exists() else b""
    numbers = [records[at:at + RECORD_BYTES].strip() for at in range(0, len(records), RECORD_BYTES)]
    whole = sum(numbers[i] == str(i + 1).encode() for i in range(len(numbers)))
    tell("COUNTED", numbers=whole)


def prepare() -> None:
    entries = network.up(NETWORK, 2, overrides=SETTINGS)
    made = [clinics.found_clinic(f"Klinik {entry.name}", entry) for entry in entries]
    clinics.introduce(made)
    CLINICS.write_text(json.dumps([{"organisation_id": each.organisation_id, "token": each.client.token}
                                   for each in made]))
    network.down(NETWORK)
    tell("PREPARED")


class TellingLedger(promises.Ledger):
    def uploaded(self, owner: Clinic, file: File, answer: Answer) -> str:
        document = super().uploaded(owner, file, answer)
        tell("UPLOADED", owner=self.clinics.index(owner), document_id=document, sha256=file.sha256)
        return document

    def dispatched(self, sender: Clinic, sha256: str, recipients: list[Clinic | None],
                   answer: Answer) -> list[Dispatch]:
        made = super().dispatched(sender, sha256, recipients, answer)
        for each in made:
            tell("DISPATCHED", sender=self.clinics.index(sender), id=each.id, route=each.route, sha256=sha256,
                 recipient=self.clinics.index(each.recipient) if each.recipient else None)
        return made


class TellingPrintRoom(promises.PrintRoom):
    """Its own moves are durable before it counts them: only the node is on trial."""

    def collect(self) -> None:
        before = self.printed.copy()
        super().collect()
        if self.printed != before:
            os.sync()
        for letter, dispatch in self.letters.items():
            for _ in range(self.printed[letter] - before[letter]):
                tell("PRINTED", letter=letter, dispatch=dispatch)


@dataclass
class Past:
    """What earlier lives have told."""

    ledger: TellingLedger
    room: TellingPrintRoom
    unanswered: list[Errand]


def remember(everyone: list[Clinic], entries: list[network.NodeEntry], told: list[str]) -> Past:
    ledger = TellingLedger(everyone)
    room = TellingPrintRoom([Path(entry.spool_dir) for entry in entries])
    unanswered: dict[int, Errand] = {}
    for line in told:
        word, about = line.split(" ", 1)[0], json.loads(line.split(" ", 1)[1])
        if word == "UPLOADED":
            ledger.uploads.append(Upload(everyone[about["owner"]], about["document_id"], about["sha256"]))
        elif word == "DISPATCHED":
            to = about["recipient"]
            ledger.dispatches.append(Dispatch(everyone[about["sender"]], about["id"], about["route"], about["sha256"],
                                              None if to is None else everyone[to]))
        elif word == "PRINTED":
            room.count(about["letter"], about["dispatch"])
        elif word == "BEGUN":
            unanswered[about["number"]] = errand_of(about, everyone)
        elif word == "ANSWERED":
            unanswered.pop(about["number"], None)
    return Past(ledger, room, list(unanswered.values()))


def errand_of(about: dict[str, Any], everyone: list[Clinic]) -> Errand:
    recipients = [None if each is None else everyone[each] for each in about["recipients"]]
    return Errand(about["number"], everyone[about["sender"]], recipients, about["large"])


def run_and_tell(errand: Errand, ledger: TellingLedger, seed: int) -> None:
    everyone = ledger.clinics
    tell("BEGUN", number=errand.number, sender=everyone.index(errand.sender), large=errand.large,
         recipients=[None if each is None else everyone.index(each) for each in errand.recipients])
    promises.run(errand, ledger, seed)
    tell("ANSWERED", number=errand.number)


def repeat(past: Past, seed: int) -> None:
    """As clients do that had no answer. What an unanswered request has done already is done, and is told now."""
    known = {each.document_id for each in past.ledger.uploads}, {each.id for each in past.ledger.dispatches}
    for errand in past.unanswered:
        run_and_tell(errand, past.ledger, seed)
    uploads, dispatches = past.ledger.uploads, past.ledger.dispatches
    past.ledger.uploads = list({each.document_id: each for each in uploads}.values())
    past.ledger.dispatches = list({each.id: each for each in dispatches}.values())
    tell("REPEATED", errands=len(past.unanswered), uploads=len(past.ledger.uploads) - len(known[0]),
         dispatches=len(past.ledger.dispatches) - len(known[1]))


def work(ledger: TellingLedger, seed: int, first: int) -> None:
    errands = promises.mixed(ledger.clinics, ERRANDS, seed, first)
    shares = [errands[i::CLIENTS] for i in range(CLIENTS)]

    def client(share: list[Errand]) -> None:
        try:
            for errand in share:
                run_and_tell(errand, ledger, seed)
        except Exception as failure:  # for the host; a thread has nobody to raise to
            tell("FAILED", why=str(failure))

    threads = [threading.Thread(target=client, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def serve(seed: int, first: int, told: list[str]) -> None:
    entries = network.start(NETWORK, [])
    everyone = [Clinic(f"Klinik {entry.name}", entry, about["organisation_id"],
                       Client(entry.url, Path(entry.ca_file), about["token"]))
                for entry, about in zip(entries, json.loads(CLINICS.read_text()), strict=True)]
    past = remember(everyone, entries, told)
    repeat(past, seed)
    tell("VERDICT", figures=promises.check(past.ledger, past.room))
    work(past.ledger, seed, first)


def main() -> None:
    role, arguments = sys.argv[1], sys.argv[2:]
    if role == "control":
        append_numbers(arguments[0] == "synced")
    elif role == "count":
        count_numbers()
    elif role == "prepare":
        prepare()
    elif role == "serve":
        serve(int(arguments[0]), int(arguments[1]), Path(arguments[2]).read_text().splitlines())


if __name__ == "__main__":
    main()
