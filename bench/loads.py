"""Load and raw limits: wrk, and the small C++ programs of this folder. Both sides of a line get the same ones."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import BUILD, Failure

HERE = Path(__file__).resolve().parent
LOAD = BUILD / "elsec-bench-load"
RAW = BUILD / "elsec-bench-raw"
LISTS = BUILD / "elsec-bench-lists"
PROGRAM_SECONDS = 240.0
FILL_LISTS_SECONDS = 1_200.0
WRK_THREADS = 2


@dataclass(frozen=True)
class Run:
    """One run of a load."""

    rate: float    # per second
    count: int
    failed: int
    p50_ms: float
    p99_ms: float


def _output(command: list[str], seconds: float = PROGRAM_SECONDS) -> str:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=seconds)
    if done.returncode != 0:
        raise Failure(f"{Path(command[0]).name}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def _run_of(text: str) -> Run:
    run = Run(**json.loads(text))
    if run.failed or not run.count:
        raise Failure(f"{run.failed} of {run.count} requests failed")
    return run


def wrk(script: str, url: str, connections: int, seconds: float, *arguments: str) -> Run:
    output = _output(["wrk", f"-t{WRK_THREADS}", f"-c{connections}", f"-d{seconds:g}s", "-s", str(HERE / script), url,
                      "--", *arguments])
    return _run_of(output.strip().splitlines()[-1])


def handshakes(port: int, threads: int, seconds: float) -> Run:
    return _run_of(_output([str(LOAD), "handshakes", str(port), str(threads), f"{seconds:g}"]))


def fill(port: int, tokens: Path, count: int, size: int, threads: int, ids: Path) -> Run:
    """Uploads `count` documents, in turn for the organisations whose tokens stand in the file."""
    return _run_of(_output([str(LOAD), "fill", str(port), str(tokens), str(count), str(size), str(threads), str(ids)]))


@dataclass(frozen=True)
class Dispatched:
    seconds: float  # from the first request to the last arrival
    answer_p99_ms: float
    arrival: Run    # from 202 to the recipient's event


def dispatches(port: int, token: str, ids: Path, peer_port: int, peer_token: str, recipient: str, threads: int,
               rate: float) -> Dispatched:
    """Sends every document of the file to the recipient on the other node; rate 0 is as fast as it goes."""
    text = _output([str(LOAD), "dispatches", str(port), token, str(ids), str(peer_port), peer_token, recipient,
                    str(threads), f"{rate:g}"])
    told = json.loads(text)
    return Dispatched(told["seconds"], told["answer_p99_ms"], Run(**told["arrival"]))


class IdleConnections:
    """Connections that did one request each and stay open while this is."""

    def __init__(self, port: int, count: int, token: str) -> None:
        self._program = subprocess.Popen([LOAD, "idle", str(port), str(count), token], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        if not self._program.stdout or self._program.stdout.readline().strip() != "ready":
            self._program.kill()
            raise Failure("the idle connections could not be opened")

    def __enter__(self) -> "IdleConnections":
        return self

    def __exit__(self, *_: object) -> None:
        self._program.communicate()


def pages(store: Path) -> list[dict[str, Any]]:
    """How long the pages of each list take; fills the store when it is not there."""
    return [json.loads(line) for line in _output([str(LISTS), str(store)], FILL_LISTS_SECONDS).splitlines()]


def raw_curve(size: int) -> float:
    """MB/s of ZeroMQ with CURVE alone."""
    return float(_output([str(RAW), "curve", str(size)]))


def raw_lmdb(size: int, folder: Path) -> float:
    """MB/s of synced LMDB commits alone."""
    return float(_output([str(RAW), "lmdb", str(size), str(folder)]))
