"""nginx as the peer: started by the bench from Debian's package, on the same file system, with the same TLS settings."""

import os
import shutil
import subprocess
from pathlib import Path

import node_config
from common import Failure, wait_for

START_SECONDS = 10.0

# One worker per core, no logs, files kept open: as fast as nginx goes. Session tickets are on, as on our side.
CONFIGURATION = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
worker_processes {cores};
worker_rlimit_nofile 65536;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  keepalive_timeout 300;
  open_file_cache max=1000 inactive=600s;
  client_max_body_size 1g;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl reuseport backlog=1024;
    ssl_certificate {certificate};
    ssl_certificate_key {private_key};
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384;
    ssl_ecdh_curve X25519;
    location = /upload {{ alias {folder}/uploads/$request_id; dav_methods PUT; }}
    location / {{ root {folder}/static; }}
  }}
}}
"""


class Nginx:
    """`with Nginx(folder, tls) as nginx:`; `tls` holds certificate.pem and private-key.pem, the node's own."""

    def __init__(self, folder: Path, tls: Path) -> None:
        self.folder = folder
        self.port = node_config.free_ports(1)[0]
        self.url = f"https://127.0.0.1:{self.port}"
        self.uploads = folder / "uploads"
        for inside in (self.uploads, folder / "static", folder / "body"):
            inside.mkdir(parents=True)
        self._configuration = folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        self._configuration.write_text(CONFIGURATION.format(
            user=user, folder=folder, cores=os.cpu_count(), port=self.port, certificate=tls / "certificate.pem",
            private_key=tls / "private-key.pem"))
        self._program: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Nginx":
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self._program = subprocess.Popen([program, "-c", self._configuration, "-e", self.folder / "error.log"],
                                         stdin=subprocess.DEVNULL)
        wait_for("nginx", self._is_up, START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        if self._program is not None:
            self._program.terminate()
            self._program.wait()

    def _is_up(self) -> bool:
        if self._program is not None and self._program.poll() is not None:
            raise Failure(f"nginx ended: {(self.folder / 'error.log').read_text().strip()}")
        return (self.folder / "nginx.pid").exists()

    def serve(self, name: str, size: int) -> str:
        """The URL of a static file of that size."""
        (self.folder / "static" / name).write_bytes(b"x" * size)
        return f"{self.url}/{name}"

    def clear_uploads(self) -> None:
        """Keeps what one round leaves unwritten from being written during the next."""
        for file in self.uploads.iterdir():
            file.unlink()
