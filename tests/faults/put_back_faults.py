"""Pieces of an older copy under the files of a node that died: a disk that has lost some of its writes, or a hand that
has put back half of a backup. What they hit is named; the bytes of a document are those that were uploaded, or an error."""

import random
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import clinics
import network
import promises
from case import Case, Scale
from clinics import Clinic
from common import Failure, wait_for
from flip_faults import CUT_OFF, Answer, Answers, is_without, paths_of, read_everything, tells_nothing
from node_config import NodeFiles
from promises import Errand

PIECE_BYTES = 4096
RUN_PIECES_MAX = 64
SETTLED_SECONDS = 30.0
ERRANDS = 6
REFUSAL = "cannot start: "
ACCEPTING = "--accept-state"
PASSING = {404, 410, 507}  # nothing is there, by its name; no room for more


@dataclass(frozen=True)
class Moment:
    """The files of a node that does not run, or has nothing to do."""

    files: dict[Path, bytes]

    @staticmethod
    def of(node: NodeFiles) -> "Moment":
        return Moment({path: path.read_bytes() for path in (
            node.data / "state" / "data.mdb", node.data / "content" / "data.mdb", node.slots / "slots")})

    def put_back(self) -> None:
        for path, content in self.files.items():
            path.write_bytes(content)


def runs(chance: random.Random, old: bytes, new: bytes) -> list[tuple[int, int]]:
    """Where pieces of the older file are to come, most of them where it differs."""
    pieces = min(len(old), len(new)) // PIECE_BYTES
    differing = [i for i in range(pieces)
                 if old[i * PIECE_BYTES:(i + 1) * PIECE_BYTES] != new[i * PIECE_BYTES:(i + 1) * PIECE_BYTES]]
    chosen = []
    for _ in range(chance.choice((1, 1, 2, 8))):
        first = chance.choice(differing or range(pieces))
        length = chance.choice((1, 1, 4, RUN_PIECES_MAX))
        chosen.append((first * PIECE_BYTES, min(first + length, pieces) * PIECE_BYTES))
    return chosen


def mix(chance: random.Random, older: Moment, newer: Moment) -> str:
    """Answers the name of the file that now holds pieces of both."""
    path = chance.choice(list(newer.files))
    mixed = bytearray(newer.files[path])
    for first, end in runs(chance, older.files[path], newer.files[path]):
        mixed[first:end] = older.files[path][first:end]
    path.write_bytes(mixed)
    return path.name if path.name == "slots" else path.parent.name


def salvaged(environment: Path) -> bool:
    """Whether what can still be read is in a new file now."""
    dump = subprocess.run(["mdb_dump", "-a", environment], capture_output=True)
    if dump.returncode != 0:
        return False
    (environment / "data.mdb").unlink()
    subprocess.run(["mdb_load", environment], input=dump.stdout, check=True, capture_output=True)
    return True


def starts(folder: Path, node: NodeFiles) -> bool:
    """False when it refuses, with a sentence. Where only rows are not those last written, it starts when the operator
    says so, and from then on as always."""
    said_before = node.log.read_text(errors="replace").count(REFUSAL)
    try:
        network.start(folder / "network", [node.name])
    except network.NodeEnded:
        if node.log.read_text(errors="replace").count(REFUSAL) == said_before:
            raise Failure("the node ended at its start without a word") from None
        why = node.log.read_text(errors="replace").splitlines()[-1]
        if ACCEPTING in why or salvaged(node.data / ("content" if "/content/" in why else "state")):
            for options in ([ACCEPTING], []):
                network.start(folder / "network", [node.name], options)
                network.kill(folder / "network", node.name)
        return False
    return True


def is_named(answer: Answer) -> bool:
    return answer == CUT_OFF or (answer.status >= 500 and tells_nothing(answer.body))


def read_until_nothing_changes(made: list[Clinic], paths: dict[str, list[str]]) -> Answers:
    """A document that is read counts as collected, and its sender is told."""
    answers = [read_everything(made, paths)]

    def is_settled() -> bool:
        answers.append(read_everything(made, paths))
        return len(answers) > 2 and answers[-1] == answers[-2] == answers[-3]

    wait_for("answers that stay what they are", is_settled, SETTLED_SECONDS)
    return answers[-1]


def look(made: list[Clinic], paths: dict[str, list[str]], before: Answers) -> int:
    """How many answers are errors now. All others are what they were, or lists that say how many entries are missing."""
    after = read_everything(made, paths)
    for what, answer in after.items():
        if answer != before[what] and not is_named(answer) and not (answer.left_out and is_without(answer, before[what])):
            raise Failure(f"{what} was answered {answer.status} with {len(answer.body)} bytes that it did not have before")
    return sum(map(is_named, after.values()))


def work_on(clinic: Clinic, chance: random.Random, number: int) -> None:
    """What comes next is stored, or refused; what is stored is read again."""
    file = clinics.noise(chance, chance.choice(promises.DOCUMENT_BYTES))
    try:
        answer = clinic.upload(file, f"after-{number}")
    except Failure:  # the process has stopped at what it found: it says why
        return
    if answer.status == 201 and clinic.content(answer.json()["id"]) != file.data:
        raise Failure("what was uploaded afterwards is read as something else")
    if answer.status != 201 and answer.status not in PASSING and answer.status < 500:
        raise Failure(f"an upload was answered {answer.status}")


def work_through(numbers: range, ledger: promises.Ledger, room: promises.PrintRoom, seed: int) -> None:
    for number in numbers:
        sender, recipient = ledger.clinics if number % 2 else ledger.clinics[::-1]
        promises.run(Errand(number, sender, [recipient], large=number % ERRANDS == 0), ledger, seed)
    promises.check(ledger, room)


def pieces_of_older_files_are_named(scale: Scale, folder: Path) -> str:
    chance = random.Random(scale.seed)
    trials = scale.pick(9, 200)
    with clinics.running(folder / "network", nodes=1) as entries:
        node = entries[0].files
        made = [clinics.found_clinic(f"Klinik {name}", entries[0]) for name in ("A", "B")]
        clinics.introduce(made)
        ledger, room = promises.Ledger(made), promises.print_room_of(entries)
        first_half, second_half = range(ERRANDS), range(ERRANDS, 2 * ERRANDS)
        work_through(first_half, ledger, room, scale.seed)
        older = Moment.of(node)
        work_through(second_half, ledger, room, scale.seed)
        paths = {clinic.organisation_id: paths_of(clinic) for clinic in made}
        contents = {who: [path for path in which if path.endswith("/content")] for who, which in paths.items()}
        before = read_until_nothing_changes(made, paths)
        network.kill(folder / "network", node.name)
        newer = Moment.of(node)
        seen: Counter[str] = Counter()
        for number in range(trials):
            newer.put_back()
            hit = mix(chance, older, newer)
            if not starts(folder, node):
                seen[f"{hit}: refused"] += 1
                continue
            seen[f"{hit}: {'named' if look(made, paths, before) else 'not in use'}"] += 1
            work_on(chance.choice(made), chance, number)
            look(made, contents, before)
            if is_running(folder, node):
                network.kill(folder / "network", node.name)
        newer.put_back()
        network.start(folder / "network", [node.name])
        return f"{trials} mixtures: {dict(sorted(seen.items()))}; {promises.check(ledger, room)}"


def is_running(folder: Path, node: NodeFiles) -> bool:
    return node.name in network.Network(folder / "network").processes()


CASES = [Case("pieces_of_older_files_are_named", "R19", pieces_of_older_files_are_named)]
