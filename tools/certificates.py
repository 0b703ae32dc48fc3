"""A certificate authority for one development network, and the certificates of its nodes (openssl does the work)."""

import subprocess
from pathlib import Path

from common import Failure

DAYS_VALID = 825  # what browsers accept at most

CA_EXTENSIONS = """
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""

NODE_EXTENSIONS = """
[node]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""

REQUEST = "[req]\ndistinguished_name = subject\nprompt = no\n[subject]\nCN = {name}\n"


def _openssl(arguments: list[str]) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failure(f"openssl {arguments[0]} failed: {done.stderr.strip()}")


def _make_key(file: Path) -> None:
    file.touch(mode=0o600)
    _openssl(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(file)])
    file.chmod(0o600)


def _certify(folder: Path, name: str, section: str, extensions: str, signer: list[str]) -> Path:
    configuration = folder / "openssl.cnf"
    configuration.write_text(REQUEST.format(name=name) + extensions)
    certificate = folder / "certificate.pem"
    common = ["-config", str(configuration), "-key", str(folder / "private-key.pem"), "-sha256"]
    _openssl(["req", "-x509", "-new", *common, "-extensions", section, "-days", str(DAYS_VALID), *signer,
              "-out", str(certificate)])
    configuration.unlink()
    return certificate


def make_authority(folder: Path) -> Path:
    """Makes FOLDER/private-key.pem and the returned FOLDER/certificate.pem."""
    folder.mkdir(mode=0o700)
    _make_key(folder / "private-key.pem")
    return _certify(folder, "elSec development network", "ca", CA_EXTENSIONS, [])


def make_certificate(folder: Path, authority: Path, node: str, addresses: list[str]) -> None:
    """FOLDER/certificate.pem and FOLDER/private-key.pem for localhost, NODE.localhost and the addresses."""
    folder.mkdir(mode=0o700)
    _make_key(folder / "private-key.pem")
    names = ["DNS:localhost", f"DNS:{node}.localhost", *(f"IP:{address}" for address in addresses)]
    signer = ["-CA", str(authority / "certificate.pem"), "-CAkey", str(authority / "private-key.pem")]
    _certify(folder, f"{node}.localhost", "node", NODE_EXTENSIONS.format(names=",".join(names)), signer)
