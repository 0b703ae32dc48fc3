"""Development networks: `./dev network up|down|kill|start`. Every node has a folder, ports and a process of its own."""

import argparse
import fcntl
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import certificates
import node_config
import processes
from api import Client
from common import ELSECD, ROOT, Failure, failures_end_the_program, say, write_atomically
from node_config import ADDRESS, NodeFiles
from processes import Process

READY_SECONDS = 60.0
LINKS_OF_A_RESTARTED_NODE_SECONDS = 10.0
POLL_SECONDS = 0.05
PORT_ATTEMPTS = 4
LOG_LINES_SHOWN = 30
NODES_MAX = 64
DEFAULT_FOLDER = ROOT / "build" / "network"


class NodeEnded(Failure):
    """A node's process is gone although it should run."""

    def __init__(self, node: str, status: int | None, log: str) -> None:
        super().__init__(f"{node} ended with status {status}:\n{log}")
        self.port_was_taken = "address already in use" in log.lower() or "address in use" in log.lower()


@dataclass
class NodeEntry:
    """One element of network.json."""

    name: str
    url: str  # for programs
    operator_url: str
    operator_token: str
    ca_file: str
    pid: int | None
    data_dir: str
    spool_dir: str
    log_file: str
    # The same as `url` by a name of its own, so that cookies and passkeys of two nodes keep apart.
    browser_url: str = ""

    @property
    def files(self) -> NodeFiles:
        return NodeFiles(self.name, Path(self.log_file).parent)


class Network:
    """The folder of a network. network.json is for everyone; .running remembers which process is which."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.file = self.folder / "network.json"
        self._running = self.folder / ".running"

    def entries(self) -> list[NodeEntry]:
        try:
            return [NodeEntry(**entry) for entry in json.loads(self.file.read_text())]
        except FileNotFoundError:
            raise Failure(f"there is no network in {self.folder}") from None
        except (ValueError, TypeError) as damage:
            raise Failure(f"{self.file} cannot be understood: {damage}") from None

    def entry(self, name: str) -> NodeEntry:
        found = [entry for entry in self.entries() if entry.name == name]
        if not found:
            names = ", ".join(entry.name for entry in self.entries())
            raise Failure(f"there is no node {name} in {self.folder} (there are: {names})")
        return found[0]

    def processes(self) -> dict[str, Process]:
        """Those that were started and not ended since."""
        try:
            known = json.loads(self._running.read_text())
        except FileNotFoundError:
            return {}
        started = {name: Process(**about) for name, about in known.items()}
        return {name: process for name, process in started.items() if processes.is_alive(process)}

    def remember(self, changes: dict[str, Process | None]) -> None:
        with self._locked():
            known = self.processes()
            for name, process in changes.items():
                known.pop(name, None)
                if process is not None:
                    known[name] = process
            write_atomically(self._running, json.dumps({name: asdict(each) for name, each in known.items()}))

    def publish(self, entries: list[NodeEntry]) -> None:
        text = json.dumps([asdict(entry) for entry in entries], indent=2, ensure_ascii=False)
        write_atomically(self.file, text + "\n", mode=0o600)

    def publish_pids(self, pids: dict[str, int | None]) -> None:
        with self._locked():
            entries = self.entries()
            for entry in entries:
                entry.pid = pids.get(entry.name, entry.pid)
            self.publish(entries)

    def forget_processes(self) -> None:
        self._running.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with open(self.folder / ".lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def log_tail(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return "(no log)"
    return "\n".join(lines[-LOG_LINES_SHOWN:]) or "(the log is empty)"


def links_of(entry: NodeEntry) -> dict[str, str] | None:
    """The state of the node's links once it is ready, else None."""
    try:
        answer = Client(entry.operator_url, Path(entry.ca_file)).try_to_send("GET", "/ready", None, {})
        if answer.status != 200:
            return None
        return {link["node"]: link["state"] for link in answer.json()["links"]}
    except (Failure, ValueError, KeyError, TypeError):
        return None


def is_linked(entry: NodeEntry, peers: set[str]) -> bool:
    links = links_of(entry)
    return links is not None and all(links.get(peer) == "up" for peer in peers)


Started = dict[str, tuple[Process, subprocess.Popen[bytes]]]


def check_alive(entries: list[NodeEntry], started: Started) -> None:
    for entry in entries:
        process, child = started[entry.name]
        status = child.poll()
        if status is not None or not processes.is_alive(process):
            raise NodeEnded(entry.name, status, log_tail(entry.files.log))


def wait_until_linked(entries: list[NodeEntry], started: Started) -> None:
    """Returns when every node is ready and linked to every other one."""
    names = {entry.name for entry in entries}
    deadline = time.monotonic() + READY_SECONDS
    waiting = list(entries)
    while waiting:
        check_alive(entries, started)
        waiting = [entry for entry in waiting if not is_linked(entry, names - {entry.name})]
        if waiting and time.monotonic() > deadline:
            tails = "\n".join(f"{entry.name}:\n{log_tail(entry.files.log)}" for entry in waiting)
            raise Failure(f"not ready and linked after {READY_SECONDS:g} s:\n{tails}")
        if waiting:
            time.sleep(POLL_SECONDS)


def entry_of(files: NodeFiles, ports: node_config.Ports, authority: Path) -> NodeEntry:
    return NodeEntry(name=files.name, url=f"https://{ADDRESS}:{ports.https}",
                     browser_url=node_config.browser_url(files.name, ports),
                     operator_url=f"https://{ADDRESS}:{ports.operator}",
                     operator_token=files.token_file.read_text().strip(),
                     ca_file=str(authority / "certificate.pem"), pid=None, data_dir=str(files.data),
                     spool_dir=str(files.spool), log_file=str(files.log))


def start_all(network: Network, entries: list[NodeEntry], options: Sequence[str] = ()) -> Started:
    started: Started = {}
    for entry in entries:
        started[entry.name] = processes.start(entry.files.configuration, entry.files.log, options)
        entry.pid = started[entry.name][0].pid
        network.remember({entry.name: started[entry.name][0]})
    return started


def start_on_free_ports(network: Network, nodes: list[NodeFiles], public_keys: list[dict[str, str]],
                        base_port: int | None, overrides: list[str]) -> list[NodeEntry]:
    """Another program may take a port between our choice and the node's start: then all get new ones."""
    for attempt in range(1, PORT_ATTEMPTS + 1):
        ports = node_config.choose_ports(len(nodes), base_port)
        node_config.write_configurations(nodes, ports, public_keys, overrides)
        entries = [entry_of(node, own, network.folder / "ca") for node, own in zip(nodes, ports, strict=True)]
        started = start_all(network, entries)
        try:
            wait_until_linked(entries, started)
            return entries
        except NodeEnded as ended:
            if not ended.port_was_taken or base_port is not None or attempt == PORT_ATTEMPTS:
                raise
            processes.stop(list(network.processes().values()))
    raise AssertionError("unreachable")


def check_folder(network: Network) -> None:
    if not network.folder.exists():
        return
    if not network.folder.is_dir():
        raise Failure(f"{network.folder} is not a folder")
    if network.processes():
        raise Failure(f"a network runs in {network.folder}; end it with: ./dev network down --dir {network.folder}")
    if network.file.exists():
        raise Failure(f"{network.folder} holds a network that was stopped; go on with it by "
                      f"`./dev network start --dir {network.folder}`, or remove the folder")
    if any(network.folder.iterdir()):
        raise Failure(f"{network.folder} is not empty and holds no network; choose another folder")


def clear_after_failure(network: Network, existed: bool) -> None:
    """Ends what was started, keeps the logs in build/log, and leaves the folder as it was found: empty or absent."""
    processes.stop(list(network.processes().values()))
    kept = ROOT / "build" / "log"
    kept.mkdir(parents=True, exist_ok=True)
    for log in network.folder.glob("*/elsecd.log"):
        shutil.copyfile(log, kept / f"network-{log.parent.name}.log")
    for inside in list(network.folder.iterdir()):
        shutil.rmtree(inside) if inside.is_dir() else inside.unlink()
    if not existed:
        network.folder.rmdir()


def up(folder: Path, count: int, base_port: int | None = None, overrides: list[str] | None = None) -> list[NodeEntry]:
    network = Network(folder)
    if not 1 <= count <= NODES_MAX:
        raise Failure(f"--nodes must be from 1 to {NODES_MAX}")
    if not ELSECD.exists():
        raise Failure(f"there is no {ELSECD}; build it with ./dev build")
    for text in overrides or []:
        node_config.parse_override(text)
    check_folder(network)
    existed = network.folder.exists()
    network.folder.mkdir(parents=True, exist_ok=True)
    try:
        nodes = [NodeFiles(f"node{i}", network.folder / f"node{i}") for i in range(1, count + 1)]
        authority = certificates.make_authority(network.folder / "ca").parent
        for node in nodes:
            node_config.make_folders(node)
            certificates.make_certificate(node.tls, authority, node.name, [ADDRESS])
        public_keys = [node_config.make_keys(node) for node in nodes]
        entries = start_on_free_ports(network, nodes, public_keys, base_port, overrides or [])
        network.publish(entries)
        return entries
    except BaseException:
        clear_after_failure(network, existed)
        raise


def down(folder: Path) -> list[str]:
    """Stops every node; answers the names of those that had to be killed."""
    network = Network(folder)
    running = network.processes()
    stubborn = processes.stop(list(running.values()))
    network.forget_processes()
    if network.file.exists():
        network.publish_pids({entry.name: None for entry in network.entries()})
    elif not running:
        raise Failure(f"there is no network in {network.folder}")
    return [name for name, process in running.items() if process in stubborn]


def kill(folder: Path, name: str) -> None:
    network = Network(folder)
    network.entry(name)
    process = network.processes().get(name)
    if process is None:
        raise Failure(f"{name} does not run")
    processes.kill(process)
    network.remember({name: None})


def wait_for_links(entry: NodeEntry, peers: set[str], seconds: float) -> None:
    """Peers may be in trouble of their own, so links that do not come are no failure of this node."""
    deadline = time.monotonic() + seconds
    while not is_linked(entry, peers) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def start(folder: Path, names: list[str], options: Sequence[str] = ()) -> list[NodeEntry]:
    """Starts the named nodes with the ports and tokens they had; all that do not run without names. `options` are
    elsecd's."""
    network = Network(folder)
    running = network.processes()
    entries = [network.entry(name) for name in names] or [e for e in network.entries() if e.name not in running]
    for entry in entries:
        if entry.name in running:
            raise Failure(f"{entry.name} runs already (process {running[entry.name].pid})")
    started = start_all(network, entries, options)
    try:
        wait_until_ready(entries, started)
    except BaseException:
        processes.stop([process for process, _ in started.values()])
        network.remember({name: None for name in started})
        raise
    network.publish_pids({entry.name: entry.pid for entry in entries})
    for entry in entries:
        peers = set(network.processes()) - {entry.name}
        wait_for_links(entry, peers, LINKS_OF_A_RESTARTED_NODE_SECONDS)
    return entries


def wait_until_ready(entries: list[NodeEntry], started: Started) -> None:
    deadline = time.monotonic() + READY_SECONDS
    for entry in entries:
        while links_of(entry) is None:
            check_alive(entries, started)
            if time.monotonic() > deadline:
                raise Failure(f"{entry.name} is not ready after {READY_SECONDS:g} s:\n{log_tail(entry.files.log)}")
            time.sleep(POLL_SECONDS)


def describe(entries: list[NodeEntry]) -> None:
    for entry in entries:
        say(f"{entry.name}  {entry.url}  browser {entry.browser_url}  operator {entry.operator_url}  process {entry.pid}")


def parse_arguments(arguments: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(prog="./dev network", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, sentence in (("up", "make and start a network"), ("down", "stop every node"),
                           ("kill", "end one node with SIGKILL"), ("start", "start one node again, or all")):
        command = commands.add_parser(name, help=sentence, allow_abbrev=False)
        command.add_argument("--dir", type=Path, default=DEFAULT_FOLDER, help="folder of the network")
        if name == "up":
            command.add_argument("--nodes", type=int, default=2)
            command.add_argument("--base-port", type=int, help="first of three ports per node; default: free ones")
            command.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", dest="overrides",
                                 help="a setting of every node (config/elsec.toml lists them)")
        if name == "kill":
            command.add_argument("name", metavar="NAME")
        if name == "start":
            command.add_argument("name", metavar="NAME", nargs="*")
    return parser.parse_args(arguments)


def main() -> None:
    wanted: Any = parse_arguments()
    if wanted.command == "up":
        describe(up(wanted.dir, wanted.nodes, wanted.base_port, wanted.overrides))
        say(str(Network(wanted.dir).file))
    elif wanted.command == "down":
        for name in down(wanted.dir):
            say(f"warning: {name} did not stop in {processes.STOP_SECONDS:g} s and was killed")
    elif wanted.command == "kill":
        kill(wanted.dir, wanted.name)
    else:
        describe(start(wanted.dir, wanted.name))


if __name__ == "__main__":
    with failures_end_the_program():
        main()
