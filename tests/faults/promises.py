"""What clients were promised, and whether it holds: every answer 2xx goes into the ledger, and once the network is
quiet `check` compares the ledger with what is there. Nothing may be missing, nothing may be there twice."""

import hashlib
import json
import os
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import clinics
from api import Answer, Json
from clinics import Clinic, File, persist
from common import Failure, wait_for

QUIET_SECONDS = 240.0
DOCUMENT_BYTES = (300, 5_000, 70_000, 260_000)  # less than a chunk, several chunks
LARGE_DOCUMENT_BYTES = 2_500_000                # several upload blocks
DELIVERED = ("delivered", "collected")
SENT = "sent"
FAILURES_SHOWN = 12


@dataclass(frozen=True)
class Upload:
    owner: Clinic
    document_id: str
    sha256: str


@dataclass(frozen=True)
class Dispatch:
    sender: Clinic
    id: str
    route: str
    sha256: str
    recipient: Clinic | None  # of an electronic one


@dataclass
class Ledger:
    """Filled by several threads at a time."""

    clinics: list[Clinic]
    uploads: list[Upload] = field(default_factory=list)
    dispatches: list[Dispatch] = field(default_factory=list)
    requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def uploaded(self, owner: Clinic, file: File, answer: Answer) -> str:
        record = answer.json()
        if answer.status != 201 or record["sha256"] != file.sha256:
            raise Failure(f"an upload was answered {answer.status} with another digest")
        with self._lock:
            self.uploads.append(Upload(owner, record["id"], file.sha256))
        return record["id"]

    def dispatched(self, sender: Clinic, sha256: str, recipients: list[Clinic | None],
                   answer: Answer) -> list[Dispatch]:
        accepted = answer.json()["dispatches"]
        if answer.status != 202 or len(accepted) != len(recipients):
            raise Failure(f"a dispatch to {len(recipients)} was answered {answer.status} with {len(accepted)}")
        made = [Dispatch(sender, each["id"], each["route"], sha256, recipient)
                for each, recipient in zip(accepted, recipients, strict=True)]
        for dispatch in made:
            if dispatch.route != ("electronic" if dispatch.recipient else "post"):
                raise Failure(f"{dispatch.id} goes by {dispatch.route}")
        with self._lock:
            self.dispatches += made
            self.requests += 1
        return made

    def count(self) -> int:
        with self._lock:
            return self.requests


@dataclass(frozen=True)
class Errand:
    """One document from one clinic to others; None stands for a person who gets a letter."""

    number: int
    sender: Clinic
    recipients: list[Clinic | None]
    large: bool = False

    def file(self, seed: int) -> File:
        chance = random.Random(f"{seed} {self.number}")
        if None in self.recipients:
            return clinics.letter_pdf(chance)
        return clinics.noise(chance, LARGE_DOCUMENT_BYTES if self.large else chance.choice(DOCUMENT_BYTES))


def mixed(everyone: list[Clinic], count: int, seed: int, first: int = 0) -> list[Errand]:
    """Half of them to the other node, the rest within a node, by post, and by both ways in one request."""
    chance = random.Random(seed + first)
    errands = []
    for number in range(first, first + count):
        sender = chance.choice(everyone)
        others = [clinic for clinic in everyone if clinic is not sender]
        kind = chance.random()
        recipients: list[Clinic | None] = [chance.choice(others)]
        if kind < 0.25:
            recipients = [None]
        elif kind < 0.4:
            recipients.append(None)
        errands.append(Errand(number, sender, recipients, large=chance.random() < 0.05))
    return errands


def run(errand: Errand, ledger: Ledger, seed: int) -> list[Dispatch]:
    """As a client does it: each request again with the same key until it is answered."""
    file, sender = errand.file(seed), errand.sender
    key = f"{seed}-{errand.number}"
    document = ledger.uploaded(sender, file, persist(f"upload {key}", lambda: sender.upload(file, key)))
    recipients = [clinics.to(each) if each else clinics.by_post() for each in errand.recipients]
    answer = persist(f"dispatch {key}", lambda: sender.dispatch(document, recipients, key))
    return ledger.dispatched(sender, file.sha256, errand.recipients, answer)


class Traffic:
    """Clients at work at the same time, each on its share of the errands."""

    def __init__(self, errands: list[Errand], ledger: Ledger, seed: int, clients: int = 4) -> None:
        self._failures: list[str] = []
        shares = [errands[i::clients] for i in range(clients)]
        self._threads = [threading.Thread(target=self._work, args=(share, ledger, seed)) for share in shares]
        for thread in self._threads:
            thread.start()

    def _work(self, share: list[Errand], ledger: Ledger, seed: int) -> None:
        for errand in share:
            try:
                run(errand, ledger, seed)
            except Exception as failure:  # told by finish(); a thread has nobody to raise to
                self._failures.append(f"errand {errand.number}: {failure}")
                return

    def is_working(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def finish(self) -> None:
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise Failure("\n".join(self._failures))


class PrintRoom:
    """Takes every letter out of the spools as print rooms do, and remembers what it has printed."""

    def __init__(self, spools: list[Path]) -> None:
        self._spools = spools
        self.printed: Counter[str] = Counter()    # by letter
        self.letters: dict[str, str] = {}         # whose dispatch it was
        self.torn: list[str] = []                 # a ticket whose PDF is missing or another one

    def collect(self) -> None:
        for spool in self._spools:
            for ticket in sorted(spool.glob("ltr_*.json")):
                self._print(spool, ticket)

    def _print(self, spool: Path, ticket_file: Path) -> None:
        ticket = json.loads(ticket_file.read_text())
        letter = ticket_file.with_suffix(".pdf")
        if not letter.exists() or hashlib.sha256(letter.read_bytes()).hexdigest() != ticket["pdf_sha256"]:
            self.torn.append(ticket["letter_id"])
            return
        self.count(ticket["letter_id"], ticket["dispatch_id"])
        for file in (letter, ticket_file):
            os.rename(file, spool / "done" / file.name)

    def count(self, letter: str, dispatch: str) -> None:
        self.printed[letter] += 1
        self.letters[letter] = dispatch

    def of_dispatches(self) -> Counter[str]:
        """How many letters of each dispatch were printed."""
        return Counter(self.letters[letter] for letter in self.printed.elements())

    def left_over(self) -> list[str]:
        """Files the nodes should have cleared away."""
        return [file.name for spool in self._spools for file in [*spool.iterdir(), *(spool / "done").iterdir()]
                if file.is_file()]


def print_room_of(entries: list[clinics.NodeEntry]) -> PrintRoom:
    return PrintRoom([Path(entry.spool_dir) for entry in entries])


def unfinished(ledger: Ledger) -> list[str]:
    """Accepted dispatches that have not arrived, as their senders see it."""
    seen = {each["id"]: each for clinic in ledger.clinics for each in clinic.items("/api/v1/dispatches")}
    waiting = []
    for dispatch in ledger.dispatches:
        state = seen.get(dispatch.id, {}).get("state", "unknown to its sender")
        if state not in (DELIVERED if dispatch.recipient else (SENT,)):
            waiting.append(f"{dispatch.id} ({dispatch.route}) is {state}")
    return waiting


def wait_until_quiet(ledger: Ledger, room: PrintRoom, seconds: float = QUIET_SECONDS) -> None:
    waiting: list[str] = []

    def is_quiet() -> bool:
        room.collect()
        waiting[:] = unfinished(ledger)
        return not waiting and not room.left_over()

    try:
        wait_for("every dispatch to arrive", is_quiet, seconds, pause=0.2)
    except Failure as late:
        raise Failure(f"{late}: {len(waiting)} have not: {'; '.join(waiting[:FAILURES_SHOWN])}; in the spools: "
                      f"{room.left_over()[:FAILURES_SHOWN]}") from None


def wrong_dispatches(ledger: Ledger, forgotten: frozenset[str]) -> list[str]:
    """Senders know exactly the dispatches they were promised."""
    wrong = []
    for clinic in ledger.clinics:
        promised = {each.id for each in ledger.dispatches if each.sender is clinic} - forgotten
        listed = Counter(each["id"] for each in clinic.items("/api/v1/dispatches"))
        wrong += [f"{each} is lost to its sender" for each in promised - set(listed)]
        wrong += [f"{each} was never accepted" for each in set(listed) - promised]
        wrong += [f"{each} is listed {times} times" for each, times in listed.items() if times > 1]
    return wrong


def wrong_copies(ledger: Ledger) -> list[str]:
    """Recipients hold exactly one copy of each, byte for byte, and were told of it once."""
    wrong = []
    for clinic in ledger.clinics:
        expected = {each.id: each for each in ledger.dispatches if each.recipient is clinic}
        inbox = clinic.items("/api/v1/documents?box=inbox")
        copies = Counter(each["dispatch_id"] for each in inbox)
        told = Counter(each["dispatch_id"] for each in clinic.events() if each["type"] == "document.received")
        wrong += [f"{each} arrived {copies[each]} times" for each in expected if copies[each] != 1]
        wrong += [f"{each} was announced {told[each]} times" for each in expected if told[each] != 1]
        wrong += [f"{each} arrived and was never accepted" for each in (copies.keys() | told.keys()) - expected.keys()]
        for copy in inbox:
            dispatch = expected.get(copy["dispatch_id"])
            if dispatch and hashlib.sha256(clinic.content(copy["id"])).hexdigest() != dispatch.sha256:
                wrong.append(f"the copy of {dispatch.id} has other bytes")
    return wrong


def wrong_uploads(ledger: Ledger, forgotten: frozenset[str]) -> list[str]:
    return [f"{each.document_id} has other bytes" for each in ledger.uploads
            if each.document_id not in forgotten
            and hashlib.sha256(each.owner.content(each.document_id)).hexdigest() != each.sha256]


def wrong_letters(ledger: Ledger, room: PrintRoom, forgotten: frozenset[str]) -> list[str]:
    """One letter for each postal dispatch, on record and on paper."""
    wrong = [f"{letter} was printed {times} times" for letter, times in room.printed.items() if times != 1]
    wrong += [f"the PDF of {letter} is not what its ticket says" for letter in room.torn]
    expected = {each.id for each in ledger.dispatches if each.recipient is None}
    printed = room.of_dispatches()
    wrong += [f"{each} was printed {printed[each]} times" for each in expected if printed[each] != 1]
    wrong += [f"{each} was printed and never accepted" for each in printed.keys() - expected]
    listed = Counter(each["dispatch_id"] for clinic in ledger.clinics for each in clinic.items("/api/v1/letters"))
    wrong += [f"{each} has {listed[each]} letters" for each in (expected - forgotten) | listed.keys()
              if listed[each] != 1]
    return wrong


def wrong_news(ledger: Ledger) -> list[str]:
    """A sender hears of each state of a dispatch once."""
    wrong = []
    for clinic in ledger.clinics:
        told = Counter((each.get("dispatch_id"), each.get("state")) for each in clinic.events()
                       if each["type"] == "dispatch.updated")
        wrong += [f"{dispatch} was told to be {state} {times} times" for (dispatch, state), times in told.items()
                  if times > 1]
    return wrong


def check(ledger: Ledger, room: PrintRoom, forgotten: frozenset[str] = frozenset()) -> str:
    """Waits until the network is quiet, compares, and answers the figures. `forgotten`: documents and dispatches that
    their node cannot know any more, because it was put back to an older copy of itself; they stay where they are."""
    known = Ledger(ledger.clinics, ledger.uploads, [each for each in ledger.dispatches if each.id not in forgotten])
    wait_until_quiet(known, room)
    wrong = [*wrong_dispatches(ledger, forgotten), *wrong_copies(ledger), *wrong_uploads(ledger, forgotten),
             *wrong_letters(ledger, room, forgotten), *wrong_news(ledger)]
    if wrong:
        raise Failure(f"{len(wrong)} broken promises: {'; '.join(wrong[:FAILURES_SHOWN])}")
    electronic = sum(each.recipient is not None for each in ledger.dispatches)
    return f"{len(ledger.uploads)} uploads, {electronic} electronic, {len(ledger.dispatches) - electronic} letters"
