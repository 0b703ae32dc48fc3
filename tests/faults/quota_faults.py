"""An organisation's quota holds whatever its clients do at the same time, and what they give up is free again."""

import http.client
import random
import threading
from pathlib import Path

import bulk
import clinics
from case import Case, Scale
from clinics import Clinic
from common import Failure, wait_for
from measure import MIB

QUOTA = 8 * MIB
DOCUMENT = MIB
FREED_SECONDS = 30.0
STORAGE_FULL = 507


class Upload:
    """An upload whose bytes the test sends when it likes."""

    def __init__(self, clinic: Clinic, announced: int | None) -> None:
        self._connection = bulk.connection_to(clinic)
        self._connection.putrequest("POST", "/api/v1/documents")
        length = ("Transfer-Encoding", "chunked") if announced is None else ("Content-Length", str(announced))
        headers = {**bulk.authorization(clinic), "Content-Type": "application/dicom", "Elsec-Filename": "aufnahme.dcm"}
        for name, value in [*headers.items(), length]:
            self._connection.putheader(name, value)
        self._connection.endheaders()
        self._chunked = announced is None

    def send(self, data: bytes) -> None:
        try:
            self._connection.send(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)
        except OSError:
            pass  # refused early: the answer says why

    def finish(self) -> int:
        try:
            if self._chunked:
                self._connection.send(b"0\r\n\r\n")
            answer = self._connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException) as lost:
            raise Failure(f"an upload was not answered: {lost}") from lost
        finally:
            self.leave()

    def leave(self) -> None:
        self._connection.close()


def stored_bytes(clinic: Clinic) -> int:
    return sum(int(document["size"]) for document in clinic.items("/api/v1/documents"))


def at_once(clinic: Clinic, count: int, chunked: bool, chance: random.Random) -> list[int]:
    """The statuses of uploads that all begin before any of them ends."""
    data = [chance.randbytes(DOCUMENT) for _ in range(count)]
    gate, statuses, lost = threading.Barrier(count), [0] * count, []

    def work(number: int) -> None:
        try:
            upload = Upload(clinic, None if chunked else DOCUMENT)
            upload.send(data[number][: DOCUMENT // 2])
            gate.wait(FREED_SECONDS)
            upload.send(data[number][DOCUMENT // 2 :])
            statuses[number] = upload.finish()
        except (Failure, OSError, threading.BrokenBarrierError) as failure:
            gate.abort()
            lost.append(str(failure))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if lost:
        raise Failure("; ".join(lost))
    return statuses


def check_together(clinic: Clinic, count: int, chunked: bool, chance: random.Random) -> str:
    statuses = at_once(clinic, count, chunked, chance)
    kept, stored = statuses.count(201), stored_bytes(clinic)
    if stored > QUOTA or stored != kept * DOCUMENT or kept + statuses.count(STORAGE_FULL) != count:
        raise Failure(f"{stored} of {QUOTA} bytes are stored after answers {sorted(statuses)}")
    if not chunked and kept != QUOTA // DOCUMENT:
        raise Failure(f"{kept} uploads were taken, {QUOTA // DOCUMENT} fit")
    return f"{'chunked' if chunked else 'announced'}: {kept} of {count} taken"


def check_given_back(clinic: Clinic, chance: random.Random) -> None:
    """A client that goes away in the middle leaves the whole quota to the next."""
    for announced in (QUOTA, None):
        gone = Upload(clinic, announced)
        gone.send(chance.randbytes(QUOTA // 2))
        gone.leave()
    data = chance.randbytes(QUOTA)

    def is_taken() -> bool:
        upload = Upload(clinic, QUOTA)
        upload.send(data)
        return upload.finish() == 201

    wait_for("the quota to be free again", is_taken, FREED_SECONDS, pause=0.2)


def parallel_uploads_respect_quota(scale: Scale, folder: Path) -> str:
    chance = random.Random(scale.seed)
    count = scale.pick(30, 120)
    with clinics.running(folder / "network", 1, [f"storage.tenant_quota_bytes={QUOTA}"]) as (node,):
        announced, unannounced, leaving = (clinics.found_clinic(f"Klinik {i}", node) for i in range(3))
        figures = [check_together(announced, count, False, chance), check_together(unannounced, count, True, chance)]
        check_given_back(leaving, chance)
        return "; ".join(figures)


CASES = [Case("parallel_uploads_respect_quota", "R19", parallel_uploads_respect_quota)]
