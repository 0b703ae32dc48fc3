"""Made-up clinics on the nodes of a network, their documents, and requests that are repeated until they are answered."""

import contextlib
import hashlib
import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import network
import pdf
from api import Answer, Client, Json
from common import Failure, wait_for
from network import NodeEntry

ANSWER_SECONDS = 180.0   # a client repeats for so long; nodes die and start again meanwhile
DIRECTORY_SECONDS = 60.0
PAGE = 500               # items per page, the most the API gives
PASSING = (429, 503)     # answers that ask for a repeat
PERSON = {"name": "Gerhard Grünwald",
          "address": {"street": "Lindenweg 7", "postal_code": "01097", "city": "Musterstadt"}}


@contextlib.contextmanager
def running(folder: Path, nodes: int = 2, overrides: list[str] | None = None) -> Iterator[list[NodeEntry]]:
    """A network in `folder` that is gone afterwards, whatever happens."""
    entries = network.up(folder, nodes, overrides=overrides)
    try:
        yield entries
    finally:
        network.down(folder)


def persist(what: str, ask: Callable[[], Answer], passing: tuple[int, ...] = PASSING) -> Answer:
    """Asks until there is an answer, as clients do that lose their connection. An answer that is neither 2xx nor one
    that asks for a repeat is a Failure."""

    def look() -> Answer | None:
        try:
            answer = ask()
        except Failure:
            return None  # no connection, or it ended within the answer
        return None if answer.status in passing else answer

    answer = wait_for(what, look, ANSWER_SECONDS)
    if not 200 <= answer.status < 300:
        raise Failure(f"{what}: {answer.status} {answer.body[:300]!r}")
    return answer


@dataclass
class Clinic:
    """An organisation with one user, signed in."""

    name: str
    node: NodeEntry
    organisation_id: str
    client: Client

    def get(self, path: str) -> Json:
        return persist(f"GET {path}", lambda: self.client.try_to_send("GET", path, None, {})).json()

    def items(self, path: str) -> list[Json]:
        """Every item of a list, through all its pages."""
        found: list[Json] = []
        cursor: str | None = ""
        while cursor is not None:
            mark = f"&cursor={cursor}" if cursor else ""
            page = self.get(f"{path}{'&' if '?' in path else '?'}limit={PAGE}{mark}")
            found += page["items"]
            cursor = page["next_cursor"]
        return found

    def content(self, document_id: str) -> bytes:
        path = f"/api/v1/documents/{document_id}/content"
        return persist(f"GET {path}", lambda: self.client.try_to_send("GET", path, None, {})).body

    def upload(self, file: "File", key: str) -> Answer:
        headers = {"Content-Type": file.media_type, "Elsec-Filename": file.name, "Idempotency-Key": key}
        return self.client.try_to_send("POST", "/api/v1/documents", file.data, headers)

    def dispatch(self, document_id: str, recipients: list[Json], client_ref: str) -> Answer:
        body = {"recipients": recipients, "subject": "Befund", "client_ref": client_ref}
        return self.client.try_to_send("POST", f"/api/v1/documents/{document_id}/dispatches", body, {})

    def events(self) -> list[Json]:
        """The whole feed, oldest first."""
        found: list[Json] = []
        while True:
            after = found[-1]["id"] if found else "0"
            answer = persist("GET /events", lambda after=after: self.client.try_to_send(
                "GET", f"/api/v1/events?after={after}&limit={PAGE}", None, {"Accept": "application/json"})).json()
            if not answer["items"]:
                return found
            found += answer["items"]


def operator(node: NodeEntry) -> Client:
    return Client(node.operator_url, Path(node.ca_file), node.operator_token)


def found_clinic(name: str, node: NodeEntry) -> Clinic:
    """Registers it, signs it in, and lets the operator grant it receiving."""
    client = Client(node.url, Path(node.ca_file))
    email, password = f"aufnahme@{secrets.token_hex(6)}.example.org", secrets.token_urlsafe(12)
    organisation: Json = {"name": name, "sector": "hospital", "employees": 120,
                          "address": {"street": "Am Alten Markt 1", "postal_code": "01067", "city": "Musterstadt"}}
    user: Json = {"first_name": "Juliane", "last_name": "Musterfrau", "email": email, "password": password}
    body: Json = {"organisation": organisation, "user": user, "acts_for_business": True,
                  "accept": ["terms", "data_processing", "secrecy"]}
    key = {"Idempotency-Key": secrets.token_hex(16)}
    # Repeated, as a slow machine may take longer for a password than a client waits.
    made = persist("POST /registrations", lambda: client.try_to_send("POST", "/api/v1/registrations", body, key)).json()
    persist("POST /sessions", lambda: client.try_to_sign_in(email, password))
    operator(node).put(f"/operator/v1/organisations/{made['organisation_id']}/capabilities",
                       {"receive": True, "reason": "Probe"})
    return Clinic(name, node, made["organisation_id"], client)


def introduce(clinics: list[Clinic]) -> None:
    """Returns when each of them finds all others in its directory, ready to receive."""
    everyone = {clinic.organisation_id for clinic in clinics}

    def knows_all(clinic: Clinic) -> bool:
        cards = clinic.items("/api/v1/directory")
        return everyone <= {card["id"] for card in cards if card["can_receive"]}

    for clinic in clinics:
        wait_for(f"the directory of {clinic.node.name} to know everyone", lambda clinic=clinic: knows_all(clinic),
                 DIRECTORY_SECONDS)


@dataclass(frozen=True)
class File:
    name: str
    media_type: str
    data: bytes

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def noise(chance: random.Random, size: int) -> File:
    """Bytes no two documents share."""
    return File("messwerte.bin", "application/octet-stream", chance.randbytes(size))


def letter_pdf(chance: random.Random) -> File:
    """One page with a line on it; the title tells it from all others."""
    page = pdf.Page()
    page.line(60.0, 120.0, 300.0)
    return File("brief.pdf", "application/pdf", pdf.write([page], {}, f"Befund {chance.getrandbits(64):016x}"))


def to(clinic: Clinic) -> Json:
    return {"organisation_id": clinic.organisation_id}


def by_post() -> dict[str, Any]:
    return dict(PERSON)
