"""The configuration of the nodes of a development network: ports, keys and elsec.toml."""

import json
import random
import re
import secrets
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from common import ELSECD, Failure, clean_environment

ADDRESS = "127.0.0.1"
PORTS_PER_NODE = 3
PORT_LOWEST = 10_240
PORT_HIGHEST = 65_535
PORT_TRIES = 1_000
FREE_RESERVE_BYTES = 64 * 1024 * 1024  # development machines are often nearly full
SPOOL_POLL_MS = 200


@dataclass(frozen=True)
class Ports:
    https: int
    operator: int
    transport: int


@dataclass(frozen=True)
class NodeFiles:
    """One node's folder."""

    name: str
    folder: Path

    @property
    def configuration(self) -> Path:
        return self.folder / "elsec.toml"

    @property
    def log(self) -> Path:
        return self.folder / "elsecd.log"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def tls(self) -> Path:
        return self.folder / "tls"

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def slots(self) -> Path:
        return self.folder / "slots"

    @property
    def token_file(self) -> Path:
        return self.keys / "operator.token"


def _ephemeral_from() -> int:
    """The first port the kernel gives to outgoing connections."""
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        return PORT_HIGHEST


def _try_to_bind(port: int) -> socket.socket | None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.bind((ADDRESS, port))
    except OSError:
        listener.close()
        return None
    return listener


def free_ports(count: int) -> list[int]:
    """Distinct ports nobody has, all held at once while they are chosen.

    They lie below the range of outgoing connections where possible: a node that is killed gets its port back when it is
    started again, and no connection (of a peer that keeps trying to reach it, say) may have taken it meanwhile.
    """
    highest = _ephemeral_from() - 1
    held: dict[int, socket.socket] = {}
    try:
        for _ in range(PORT_TRIES):
            if len(held) == count:
                return list(held)
            port = random.randint(PORT_LOWEST, highest) if highest > PORT_LOWEST + PORT_TRIES else 0
            listener = None if port in held else _try_to_bind(port)
            if listener is not None:
                held[listener.getsockname()[1]] = listener
    finally:
        for listener in held.values():
            listener.close()
    raise Failure(f"found no {count} free ports")


def choose_ports(nodes: int, base_port: int | None) -> list[Ports]:
    if base_port is None:
        numbers = free_ports(nodes * PORTS_PER_NODE)
    else:
        numbers = list(range(base_port, base_port + nodes * PORTS_PER_NODE))
        if base_port < 1 or numbers[-1] > PORT_HIGHEST:
            raise Failure(f"--base-port {base_port} leaves no room for {nodes * PORTS_PER_NODE} ports")
    return [Ports(*numbers[i : i + PORTS_PER_NODE]) for i in range(0, len(numbers), PORTS_PER_NODE)]


def browser_url(node: str, ports: Ports) -> str:
    """Browsers find every name under .localhost on this machine (RFC 6761, 6.3), other programs may not; the
    certificate has this one."""
    return f"https://{node}.localhost:{ports.https}"


def make_keys(node: NodeFiles) -> dict[str, str]:
    """Lets elsecd make the node's keys, adds an operator token, and answers the public keys."""
    node.keys.mkdir(mode=0o700)
    done = subprocess.run([ELSECD, "--make-keys", node.keys], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, env=clean_environment())
    if done.returncode != 0:
        raise Failure(f"elsecd --make-keys failed: {done.stderr.strip()}")
    node.token_file.touch(mode=0o600)
    node.token_file.write_text(secrets.token_urlsafe(32) + "\n")
    public = json.loads(done.stdout.strip().splitlines()[-1])
    return {"curve_key": public["curve_key"], "receipt_key": public["receipt_key"]}


Literal = str  # a value as TOML writes it
Configuration = dict[str, dict[str, Literal]]


def literal(value: str | int | bool) -> Literal:
    return json.dumps(value, ensure_ascii=False)


def parse_override(text: str) -> tuple[str, str, Literal]:
    """`limits.idle_seconds=5` -> ("limits", "idle_seconds", "5"). What it means is for elsecd to check."""
    name, equals, value = text.partition("=")
    section, dot, key = name.strip().partition(".")
    is_name = re.fullmatch(r"[A-Za-z0-9_-]+", section) and re.fullmatch(r"[A-Za-z0-9_.-]+", key)
    if not equals or not dot or not is_name:
        raise Failure(f"--set {text}: must be written SECTION.KEY=VALUE")
    value = value.strip()
    is_toml = re.fullmatch(r"true|false|[+-]?[0-9]+(\.[0-9]+)?|\".*\"|'.*'|\[.*\]", value, re.DOTALL)
    return section, key, value if is_toml else literal(value)


def configuration_of(node: NodeFiles, ports: Ports) -> Configuration:
    return {
        "node": {"name": literal(node.name), "data_dir": literal(str(node.data))},
        "keys": {"master_file": literal(str(node.keys / "master.key")),
                 "node_file": literal(str(node.keys / "node.keys"))},
        "slots": {"file": literal(str(node.slots / "slots")), "key_file": literal(str(node.keys / "slots.key")),
                  "any_file_system": literal(True)},
        "storage": {"free_reserve_bytes": literal(FREE_RESERVE_BYTES)},
        "https": {"listen": literal(f"{ADDRESS}:{ports.https}"),
                  "public_url": literal(browser_url(node.name, ports)),
                  "certificate_file": literal(str(node.tls / "certificate.pem")),
                  "private_key_file": literal(str(node.tls / "private-key.pem"))},
        "operator": {"listen": literal(f"{ADDRESS}:{ports.operator}"), "token_file": literal(str(node.token_file))},
        "transport": {"listen": literal(f"tcp://{ADDRESS}:{ports.transport}")},
        "spool": {"folder": literal(str(node.spool)), "plaintext": literal(True), "poll_ms": literal(SPOOL_POLL_MS)},
        "letters": {"grace_seconds": literal(0)},
    }


def render(configuration: Configuration, nodes: list[dict[str, Literal]]) -> str:
    lines: list[str] = []
    for section, values in configuration.items():
        lines += [f"[{section}]", *(f"{key} = {value}" for key, value in values.items()), ""]
    for node in nodes:
        lines += ["[[nodes]]", *(f"{key} = {value}" for key, value in node.items()), ""]
    return "\n".join(lines)


def write_configurations(nodes: list[NodeFiles], ports: list[Ports], public_keys: list[dict[str, str]],
                         overrides: list[str]) -> None:
    network = [{"name": literal(node.name), "endpoint": literal(f"tcp://{ADDRESS}:{own.transport}"),
                **{key: literal(value) for key, value in keys.items()}}
               for node, own, keys in zip(nodes, ports, public_keys, strict=True)]
    for node, own in zip(nodes, ports, strict=True):
        configuration = configuration_of(node, own)
        for section, key, value in map(parse_override, overrides):
            configuration.setdefault(section, {})[key] = value
        node.configuration.write_text(render(configuration, network), encoding="utf-8")


def make_folders(node: NodeFiles) -> None:
    node.folder.mkdir(mode=0o700)
    for folder in (node.data, node.spool, node.slots):
        folder.mkdir(mode=0o700)
