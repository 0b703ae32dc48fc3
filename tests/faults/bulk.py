"""Documents too large to hold: made while they are sent, hashed while they are read."""

import hashlib
import http.client
import json
import ssl
import urllib.parse
from collections.abc import Iterator

from clinics import Clinic
from common import Failure

BLOCK_BYTES = 1024 * 1024
SILENCE_SECONDS = 120.0


def connection_to(clinic: Clinic) -> http.client.HTTPSConnection:
    where = urllib.parse.urlsplit(clinic.node.url)
    return http.client.HTTPSConnection(where.hostname or "", where.port, timeout=SILENCE_SECONDS,
                                       context=ssl.create_default_context(cafile=clinic.node.ca_file))


def authorization(clinic: Clinic) -> dict[str, str]:
    return {"Authorization": f"Bearer {clinic.client.token}"}


class BigDocument:
    """Bytes that do not compress: noise, numbered so that no two blocks are equal."""

    def __init__(self, size: int, noise: bytes) -> None:
        self.size = size
        self._noise = noise
        self._hash = hashlib.sha256()

    def blocks(self) -> Iterator[bytes]:
        sent = 0
        while sent < self.size:
            block = (sent.to_bytes(8, "big") + self._noise[8:])[: self.size - sent]
            self._hash.update(block)
            sent += len(block)
            yield block

    def sha256(self) -> str:
        """Of what was sent."""
        return self._hash.hexdigest()


def upload(clinic: Clinic, document: BigDocument) -> str:
    """The document's id."""
    connection = connection_to(clinic)
    try:
        connection.request("POST", "/api/v1/documents", document.blocks(),
                           {**authorization(clinic), "Content-Type": "application/dicom",
                            "Elsec-Filename": "aufnahme.dcm", "Content-Length": str(document.size)})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 201:
        raise Failure(f"POST /documents: {answer.status} {body[:200]!r}")
    return str(json.loads(body)["id"])


def download(clinic: Clinic, document_id: str) -> tuple[int, str]:
    """Size and SHA-256 of a document's content."""
    connection = connection_to(clinic)
    digest, size = hashlib.sha256(), 0
    try:
        connection.request("GET", f"/api/v1/documents/{document_id}/content", headers=authorization(clinic))
        answer = connection.getresponse()
        if answer.status != 200:
            raise Failure(f"GET content: {answer.status} {answer.read()[:200]!r}")
        while block := answer.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    finally:
        connection.close()
    return size, digest.hexdigest()
