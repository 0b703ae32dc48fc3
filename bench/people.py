"""Made-up organisations of a bench's network, registered through the API, and the documents that fill a node."""

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from api import Client
from network import NodeEntry, down, up

PASSWORD = "correct horse battery"
SCOPES = ["documents:read", "documents:write", "account:read", "account:write"]
FILL_THREADS = 16
FILL_BYTES = 2_000  # a stored document costs rows, not bytes, for what is measured here
# The bench is one client with many connections.
OVERRIDES = ["limits.connections_per_address_max=9000", "limits.requests_in_flight_max=9000", 'log.level="warning"']


@dataclass(frozen=True)
class Member:
    """An organisation on a node, and an API token of it."""

    organisation: str
    token: str


def port_of(url: str) -> int:
    return urlsplit(url).port or 443


def register(node: NodeEntry, number: int) -> Member:
    client = Client(node.url, Path(node.ca_file))
    mail = f"aufnahme{number}-{secrets.token_hex(4)}@{node.name}.example.org"
    address = {"street": f"Am Alten Markt {number + 1}", "postal_code": "01067", "city": "Musterstadt"}
    made = client.post("/api/v1/registrations", {
        "organisation": {"name": f"Klinik {number} Musterstadt", "sector": "hospital", "employees": 250,
                         "address": address},
        "user": {"first_name": "Juliane", "last_name": "Musterfrau", "email": mail, "password": PASSWORD},
        "accept": ["terms", "data_processing", "secrecy"], "acts_for_business": True})
    client.sign_in(mail, PASSWORD)
    token = client.post("/api/v1/api-tokens", {"name": "bench", "scopes": SCOPES})["token"]
    return Member(made["organisation_id"], token)


def let_receive(node: NodeEntry, member: Member) -> None:
    operator = Client(node.operator_url, Path(node.ca_file), node.operator_token)
    operator.put(f"/operator/v1/organisations/{member.organisation}/capabilities",
                 {"receive": True, "beds": False, "reason": "bench"})


@dataclass
class Pair:
    """Two nodes: `sender` on the first sends to `recipient` on the second."""

    folder: Path
    nodes: list[NodeEntry]
    sender: Member
    recipient: Member

    @property
    def port(self) -> int:
        return port_of(self.nodes[0].url)

    @property
    def peer_port(self) -> int:
        return port_of(self.nodes[1].url)

    def client(self) -> Client:
        return Client(self.nodes[0].url, Path(self.nodes[0].ca_file), self.sender.token)

    def sender_tokens(self) -> Path:
        file = self.folder / "sender.token"
        file.write_text(self.sender.token + "\n")
        return file


def make_pair(folder: Path) -> Pair:
    nodes = up(folder, 2, overrides=OVERRIDES)
    pair = Pair(folder, nodes, register(nodes[0], 0), register(nodes[1], 0))
    let_receive(nodes[1], pair.recipient)
    return pair


@contextmanager
def fresh_pair(folder: Path) -> Iterator[Pair]:
    try:
        yield make_pair(folder)
    finally:
        if (folder / "network.json").exists():
            down(folder)


def register_many(node: NodeEntry, count: int, tokens: Path) -> None:
    """One after the other: the node checks passwords one at a time."""
    tokens.write_text("".join(register(node, number + 1).token + "\n" for number in range(count)))


def register_on_all(pair: Pair, count: int) -> list[Path]:
    files = [pair.folder / f"{node.name}.tokens" for node in pair.nodes]
    with ThreadPoolExecutor(len(files)) as pool:
        list(pool.map(register_many, pair.nodes, [count] * len(files), files))
    return files


def keep(pair: Pair) -> None:
    (pair.folder / "pair.json").write_text(
        json.dumps({"sender": asdict(pair.sender), "recipient": asdict(pair.recipient)}))


def kept(folder: Path, nodes: list[NodeEntry]) -> Pair:
    told = json.loads((folder / "pair.json").read_text())
    return Pair(folder, nodes, Member(**told["sender"]), Member(**told["recipient"]))
