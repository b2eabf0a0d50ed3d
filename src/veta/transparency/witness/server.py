"""A witness over HTTP: `POST /add-checkpoint`, and nothing else."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from veta.transparency.witness.cosign import Answer, Witness

MOST_BODY = 64 * 1024
PATIENCE = 30.0


class Server(ThreadingHTTPServer):
    """One witness, a thread for each connection."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        super().__init__(address, Handler)
        self.witness = witness


class Handler(BaseHTTPRequestHandler):
    """Reads a request whole, and answers what the witness decides."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    server: Server

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._answer(Answer(404, "there is only /add-checkpoint\n"), close=True)
        elif not (length.isascii() and length.isdigit() and int(length) <= MOST_BODY):
            self._answer(Answer(400, "send a Content-Length of at most 64 KiB\n"), close=True)
        else:
            self._answer(self._decided(self.rfile.read(int(length))))

    def _decided(self, body: bytes) -> Answer:
        try:
            return self.server.witness.add(body, at=int(time.time()))
        except OSError as cause:  # nothing was kept, so nothing is cosigned
            self.log_error("the checkpoint could not be kept: %s", cause)
            return Answer(503, "the checkpoint could not be kept\n")

    def _answer(self, answer: Answer, *, close: bool = False) -> None:
        body = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Only errors are told."""

    def log_error(self, format: str, *args: Any) -> None:
        super().log_message(format, *args)
