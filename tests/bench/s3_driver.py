"""Helpers of the S3 benchmark, each in a process of its own: a bare range server, and one download by our own code.

serve FILE LATENCY: a store that knows HEAD and (ranged) GET of one object and checks no signature, so that the client is what is measured.
fetch ENDPOINT FOLDER ROOT: the object through the provider and the job's own download code.
"""

from __future__ import annotations

import http.server
import importlib.util
import os
import resource
import sys
import time
from pathlib import Path


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers for one file."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    path_on_disk = ""
    latency = 0.0

    def do_GET(self) -> None:
        self.answer(body=True)

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def answer(self, body: bool) -> None:
        if self.latency:
            time.sleep(self.latency)
        total = os.path.getsize(self.path_on_disk)
        first, last, wanted = 0, total - 1, self.headers.get("Range")
        if wanted:
            begin, _, end = wanted.partition("=")[2].partition("-")
            first, last = int(begin), min(int(end), total - 1) if end else total - 1
        self.send_response(206 if wanted else 200)
        headers = {"Content-Length": last - first + 1, "ETag": '"bench"', "Accept-Ranges": "bytes", "Content-Type": "image/tiff",
                   "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"}
        if wanted:
            headers["Content-Range"] = f"bytes {first}-{last}/{total}"
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        if body:
            self.wfile.flush()
            self.send(first, last)

    def send(self, first: int, last: int) -> None:
        with open(self.path_on_disk, "rb") as file:
            while first <= last:
                sent = os.sendfile(self.connection.fileno(), file.fileno(), first, last - first + 1)
                if not sent:
                    return
                first += sent

    def log_message(self, *args: object) -> None:
        """Stay silent."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True


def serve(path: str, latency: str) -> None:
    Handler.path_on_disk, Handler.latency = path, float(latency)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


def fetch(endpoint: str, folder: str, root: str) -> None:
    spec = importlib.util.spec_from_file_location("groundtrack", Path(root) / "__init__.py", submodule_search_locations=[root])
    sys.modules["groundtrack"] = importlib.util.module_from_spec(spec)
    from groundtrack.jobs.downloads import download
    from groundtrack.providers.base import Account, Asset, Secrets
    from groundtrack.providers.cancel import Cancel
    from groundtrack.providers.sentinelhub import SentinelHub
    from groundtrack.providers.transport import Network, RequestsTransport

    secrets = Secrets({"s3_access_key": "bench", "s3_secret_key": "bench"})
    account = Account("sentinelhub", "bench", {"bucket_url": "s3://bench", "s3_region": "us-east-1", "s3_endpoint": endpoint}, secrets)
    provider = SentinelHub(account, RequestsTransport(Network()))
    download(provider, Asset("object.bin", "s3://bench/obj"), Path(folder), progress=lambda done, total: None, cancel=Cancel(),
             pause=lambda tries: 0.1)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)


if __name__ == "__main__":
    {"serve": serve, "fetch": fetch}[sys.argv[1]](*sys.argv[2:])
