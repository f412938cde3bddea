"""A service that gives one result at a fixed rate and knows of nothing else: FILE BYTES_A_SECOND STAMP. Prints its port."""

from __future__ import annotations

import http.server
import os
import sys
import time
from pathlib import Path

BLOCK = 1 << 16


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    source, rate, stamp = Path(), 1.0, Path()

    def do_GET(self) -> None:
        if "/result" not in self.path:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(os.path.getsize(self.source)))
        self.send_header("ETag", '"bench"')
        self.end_headers()
        begun, sent = time.monotonic(), 0
        with self.source.open("rb") as file:
            while block := file.read(BLOCK):
                sent += len(block)
                time.sleep(max(0.0, begun + sent / self.rate - time.monotonic()))
                self.wfile.write(block)
        self.stamp.with_suffix(".new").write_text(repr(time.time()))
        self.stamp.with_suffix(".new").rename(self.stamp)

    def log_message(self, *args: object) -> None:
        """Stay silent."""


def main(source: str, rate: str, stamp: str) -> None:
    Handler.source, Handler.rate, Handler.stamp = Path(source), float(rate), Path(stamp)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
