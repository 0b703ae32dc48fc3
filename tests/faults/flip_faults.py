"""A bit that tips over on the disk is noticed when it is read, and never becomes part of an answer."""

import json
import os
import random
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import clinics
import network
import promises
from api import Client, Json
from case import Case, Scale
from clinics import Clinic
from common import Failure
from promises import Errand

VALUE_BYTES_LEAST = 32  # shorter ones are no sealed values
ERRANDS = 4
OF_ONE_DOCUMENT = ("documents", "chunks")
HOLDERS_MAX = 2  # sender and recipient on one node share the sealed chunks
ERRORS = {"integrity", "internal"}


LEFT_OUT = "Elsec-Damaged"  # how many entries a list cannot show


class Answer(NamedTuple):
    status: int
    body: bytes
    left_out: int  # how many entries of a list


Answers = dict[str, Answer]
CUT_OFF = Answer(0, b"", 0)  # the connection ended within the answer: what came is incomplete, and the client knows


@dataclass(frozen=True)
class Value:
    file: Path
    table: str
    data: bytes


def values_of(folder: Path) -> list[Value]:
    """Every stored value of an environment, as mdb_dump lists them: a line with the key, a line with the value."""
    if not shutil.which("mdb_dump"):
        raise Failure("the package lmdb-utils is needed (./dev setup)")
    done = subprocess.run(["mdb_dump", "-a", folder], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"mdb_dump: {done.stderr.strip()}")
    found = []
    for section in done.stdout.split("DATA=END\n"):
        table = re.search(r"^database=(.*)$", section, re.MULTILINE)
        lines = [line[1:] for line in section.splitlines() if line.startswith(" ")]
        if table:
            found += [Value(folder / "data.mdb", table[1], bytes.fromhex(value)) for value in lines[1::2]]
    return [value for value in found if len(value.data) >= VALUE_BYTES_LEAST]


class Flip:
    """In the file under the running node, which reads through the kernel's pages and so sees it at once. Older copies
    of the value, in pages that are free, change with it."""

    def __init__(self, value: Value, bit: int) -> None:
        self._value = value
        tipped = bytearray(value.data)
        tipped[bit // 8] ^= 1 << bit % 8
        self._tipped = bytes(tipped)

    def _replace(self, old: bytes, new: bytes) -> int:
        content = self._value.file.read_bytes()
        places = [found.start() for found in re.finditer(re.escape(old), content)]
        descriptor = os.open(self._value.file, os.O_WRONLY)
        try:
            for place in places:
                os.pwrite(descriptor, new, place)
        finally:
            os.close(descriptor)
        return len(places)

    def __enter__(self) -> "Flip":
        if not self._replace(self._value.data, self._tipped):
            raise Failure(f"a value of {self._value.table} is not found in its file")
        return self

    def __exit__(self, *_about: object) -> None:
        self._replace(self._tipped, self._value.data)


def ask(client: Client, path: str) -> Answer:
    try:
        answer = client.try_to_send("GET", f"/api/v1{path}", None, {"Accept": "application/json"} if "events" in path else {})
    except Failure:
        return CUT_OFF
    return Answer(answer.status, answer.body, int(answer.headers.get(LEFT_OUT, 0)))


def paths_of(clinic: Clinic) -> list[str]:
    paths = ["/organisation", "/users/me", "/documents", "/documents?box=inbox", "/dispatches", "/letters",
             "/directory", "/events?after=0"]
    for document in clinic.items("/api/v1/documents"):
        paths += [f"/documents/{document['id']}{part}" for part in ("", "/content", "/receipts", "/dispatches")]
    return paths


def read_everything(everyone: list[Clinic], paths: dict[str, list[str]]) -> Answers:
    return {f"{clinic.name} {path}": ask(clinic.client, path)
            for clinic in everyone for path in paths[clinic.organisation_id]}


def wrong_answers(before: Answers, after: Answers) -> list[str]:
    """An answer is what it was, or a list that says how many of its entries are missing, or an error that tells nothing
    but its code."""
    wrong = []
    for what, answer in after.items():
        if answer in (before[what], CUT_OFF):
            continue
        if 200 <= answer.status < 300 and answer.left_out and is_without(answer, before[what]):
            continue
        if 200 <= answer.status < 300:
            wrong.append(f"{what} was answered {answer.status} with something else")
        elif answer.status == 500 and not tells_nothing(answer.body):
            wrong.append(f"{what} was answered {answer.status} {answer.body[:200]!r}")
    return wrong


def is_without(page: Answer, whole_page: Answer) -> bool:
    items, all_items = json.loads(page.body)["items"], json.loads(whole_page.body)["items"]
    return len(items) + page.left_out == len(all_items) and all(item in all_items for item in items)


def contents_lost(before: Answers, after: Answers) -> int:
    return sum(after[what] != before[what] for what in after if what.endswith("/content"))


def tells_nothing(body: bytes) -> bool:
    problem: Json = json.loads(body)
    return problem.get("code") in ERRORS


def single_bit_flips_are_never_served(scale: Scale, folder: Path) -> str:
    flips = scale.pick(20, 1_000)
    chance = random.Random(scale.seed)
    with clinics.running(folder / "network", nodes=1) as entries:
        made = [clinics.found_clinic(f"Klinik {name}", entries[0]) for name in ("A", "B")]
        clinics.introduce(made)
        ledger, room = promises.Ledger(made), promises.print_room_of(entries)
        for number in range(ERRANDS):
            sender, recipient = made if number % 2 else made[::-1]
            promises.run(Errand(number, sender, [recipient, *([None] if number < 2 else [])]), ledger, scale.seed)
        promises.check(ledger, room)
        # Rows in memory would hide what is on the disk.
        network.kill(folder / "network", entries[0].name)
        network.start(folder / "network", [])
        data = entries[0].files.data
        paths = {clinic.organisation_id: paths_of(clinic) for clinic in made}
        before = read_everything(made, paths)
        if bad := [what for what, (status, _, _) in before.items() if status != 200]:
            raise Failure(f"not answered although nothing is damaged: {bad}")
        values = [*values_of(data / "state"), *values_of(data / "content")]
        noticed: Counter[str] = Counter()
        tables = sorted({(value.file, value.table) for value in values})
        for _ in range(flips):
            table = chance.choice(tables)
            value = chance.choice([each for each in values if (each.file, each.table) == table])
            with Flip(value, chance.randrange(len(value.data) * 8)):
                after = read_everything(made, paths)
            wrong = wrong_answers(before, after)
            if value.table in OF_ONE_DOCUMENT and contents_lost(before, after) > HOLDERS_MAX:
                wrong.append(f"{contents_lost(before, after)} documents could not be read")
            if wrong:
                raise Failure(f"a flipped bit in {value.table}: {'; '.join(wrong)}")
            noticed[value.table] += after != before
        if read_everything(made, paths) != before:
            raise Failure("the answers have changed although every bit was put back")
        return f"{flips} flips in {len(tables)} tables, {sum(noticed.values())} seen by a reader: {dict(noticed)}"


def damaged_content_is_named_and_not_collected(scale: Scale, folder: Path) -> str:
    """The recipient gets an error with a code, not the head of an answer; the sender is not told that it was read. When
    the bit is back, so is the document."""
    chance = random.Random(scale.seed)
    flips = scale.pick(4, 40)
    with clinics.running(folder / "network", nodes=1) as entries:
        sender, recipient = [clinics.found_clinic(f"Klinik {name}", entries[0]) for name in ("A", "B")]
        clinics.introduce([sender, recipient])
        ledger, room = promises.Ledger([sender, recipient]), promises.print_room_of(entries)
        dispatch = promises.run(Errand(1, sender, [recipient]), ledger, scale.seed)[0]
        promises.wait_until_quiet(ledger, room)
        copy = recipient.items("/api/v1/documents?box=inbox")[0]["id"]
        chunks = [each for each in values_of(entries[0].files.data / "content") if each.table == "chunks"]
        for _ in range(flips):
            with Flip(chunks[0], chance.randrange(len(chunks[0].data) * 8)):
                status, body, _ = ask(recipient.client, f"/documents/{copy}/content")
            if status != 500 or json.loads(body).get("code") != "integrity":
                raise Failure(f"damaged content was answered {status} {body[:200]!r}")
        state = sender.get(f"/api/v1/dispatches/{dispatch.id}")["state"]
        if state != "delivered":
            raise Failure(f"nobody has read it, but its sender is told that it is {state}")
        return f"{flips} flips; {promises.check(ledger, room)}"


CASES = [Case("single_bit_flips_are_never_served", "R19", single_bit_flips_are_never_served),
         Case("damaged_content_is_named_and_not_collected", "R19", damaged_content_is_named_and_not_collected)]
