"""A peer with a valid key that is no node: it sends what it likes. libzmq is used directly, so that the tests need no
package of their own for it."""

import ctypes
import json
import secrets
import time
from types import TracebackType

import link_proxy
from clinics import NodeEntry
from common import Failure

NAME = "nodex"
NOWHERE = "tcp://127.0.0.1:1"  # the node cannot reach this peer, and need not
# Nobody ever signs with this key (the example of config/elsec.toml).
RECEIPT_KEY = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
KEY_CHARACTERS = 40
EPOCH = "00112233445566778899aabbccddeeff"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# From zmq.h.
DEALER, LINGER, SNDHWM, SNDTIMEO = 5, 17, 23, 28
CURVE_PUBLICKEY, CURVE_SECRETKEY, CURVE_SERVERKEY = 48, 49, 50
SNDMORE = 2
SEND_MILLISECONDS = 1_000


def cbor_head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major << 5 | value])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << (8 * size):
            return bytes([major << 5 | extra]) + value.to_bytes(size, "big")
    raise ValueError(value)


def cbor(value: int | str | bytes | dict[str, object]) -> bytes:
    """Definite lengths, shortest forms, as RFC 8949 prefers it."""
    if isinstance(value, int):
        return cbor_head(0, value)
    if isinstance(value, bytes):
        return cbor_head(2, len(value)) + value
    if isinstance(value, str):
        return cbor_head(3, len(value.encode())) + value.encode()
    members = [cbor(name) + cbor(each) for name, each in value.items()]  # type: ignore[arg-type]
    return cbor_head(5, len(members)) + b"".join(members)


def ulid() -> str:
    return "01" + "".join(secrets.choice(ALPHABET) for _ in range(24))


class KeyPair:
    """A CURVE key pair, Z85."""

    def __init__(self, zmq: ctypes.CDLL) -> None:
        public, secret = ctypes.create_string_buffer(41), ctypes.create_string_buffer(41)
        if zmq.zmq_curve_keypair(public, secret) != 0:
            raise Failure("libzmq was built without CURVE")
        self.public, self.secret = public.value.decode(), secret.value.decode()


def load() -> ctypes.CDLL:
    zmq = ctypes.CDLL("libzmq.so.5")
    zmq.zmq_ctx_new.restype = ctypes.c_void_p
    zmq.zmq_socket.restype = ctypes.c_void_p
    zmq.zmq_socket.argtypes = [ctypes.c_void_p, ctypes.c_int]
    zmq.zmq_setsockopt.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
    zmq.zmq_connect.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    zmq.zmq_send.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
    zmq.zmq_close.argtypes = zmq.zmq_ctx_term.argtypes = [ctypes.c_void_p]
    return zmq


class RawPeer:
    """Connected to one node, which must know its key."""

    def __init__(self, zmq: ctypes.CDLL, keys: KeyPair, node: NodeEntry) -> None:
        self._zmq = zmq
        self._to = node.name
        self._context = zmq.zmq_ctx_new()
        self._socket = zmq.zmq_socket(self._context, DEALER)
        for option, number in ((LINGER, 0), (SNDHWM, 8), (SNDTIMEO, SEND_MILLISECONDS)):
            value = ctypes.c_int(number)
            self._check(zmq.zmq_setsockopt(self._socket, option, ctypes.byref(value), ctypes.sizeof(value)))
        for option, text in ((CURVE_PUBLICKEY, keys.public), (CURVE_SECRETKEY, keys.secret),
                             (CURVE_SERVERKEY, own_key(node))):
            self._check(zmq.zmq_setsockopt(self._socket, option, text.encode(), KEY_CHARACTERS + 1))
        endpoint = f"tcp://{link_proxy.ADDRESS}:{link_proxy.transport_port(node)}"
        self._check(zmq.zmq_connect(self._socket, endpoint.encode()))

    @staticmethod
    def _check(status: int) -> None:
        if status < 0:
            raise Failure("libzmq refuses a call")

    def send(self, kind: str, sequence: int, body: bytes) -> bool:
        """False when the node takes nothing for a second."""
        header = cbor({"version": 2, "epoch": EPOCH, "from": NAME, "to": self._to, "kind": kind, "sequence": sequence,
                       "id": ulid(), "time": int(1_000 * time.time())})
        if self._zmq.zmq_send(self._socket, header, len(header), SNDMORE) < 0:
            return False
        return int(self._zmq.zmq_send(self._socket, body, len(body), 0)) >= 0

    def __enter__(self) -> "RawPeer":
        return self

    def __exit__(self, _kind: type[BaseException] | None, _what: BaseException | None,
                 _where: TracebackType | None) -> None:
        self._zmq.zmq_close(self._socket)
        self._zmq.zmq_ctx_term(self._context)


def own_key(node: NodeEntry) -> str:
    """The CURVE key of the node, as its configuration names it."""
    blocks = node.files.configuration.read_text(encoding="utf-8").split("[[nodes]]")[1:]
    for block in blocks:
        values = dict(line.split(" = ", 1) for line in block.splitlines() if " = " in line)
        if json.loads(values["name"]) == node.name:
            return str(json.loads(values["curve_key"]))
    raise Failure(f"{node.name} is not in its own list")


def admit(node: NodeEntry, keys: KeyPair) -> None:
    """The node knows the peer from its next start on."""
    with open(node.files.configuration, "a", encoding="utf-8") as file:
        file.write(f'\n[[nodes]]\nname = "{NAME}"\nendpoint = "{NOWHERE}"\ncurve_key = {json.dumps(keys.public)}\n'
                   f'receipt_key = "{RECEIPT_KEY}"\n')
