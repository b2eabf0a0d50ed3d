"""A webhook on this machine: a real server over TLS, with an authority of its own, and its operator's key."""

from __future__ import annotations

import datetime
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from veta.operators.domain.base import SignedMessage
from veta.operators.domain.webhook import answer_to
from veta.operators.outbound import Outbound

NAME = "operador.example"
PUBLIC = "127.0.0.2"  # stands for an address of the internet: the installation allows it
INTERNAL = "127.0.0.1"
Answer = Callable[["Receiver", SignedMessage], tuple[int, bytes, dict[str, str]]]


@dataclass
class Receiver:
    """What came in, and what is answered."""

    key: Ed25519PrivateKey
    url: str = ""
    port: int = 0
    got: list[SignedMessage] = field(default_factory=list)
    answer: Answer | None = None
    server: ThreadingHTTPServer | None = None

    def reply(self, message: SignedMessage) -> tuple[int, bytes, dict[str, str]]:
        self.got.append(message)
        if self.answer is not None:
            return self.answer(self, message)
        said = json.loads(message.body)
        if said["type"] == "challenge":
            return 200, answer_to(said["challenge"], key=self.key, url=self.url), {}
        return 204, b"", {}

    def stop(self) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()


def listen(key: Ed25519PrivateKey, home: Path, *, address: str = PUBLIC, port: int = 0) -> Receiver:
    """Serve until `stop`, under a certificate for NAME that the authority `home/ca.pem` signed."""
    receiver = Receiver(key)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            fields = {name.lower(): value for name, value in self.headers.items()}
            origin = receiver.url.removesuffix("/veta")
            status, said, more = receiver.reply(SignedMessage("POST", origin + self.path, fields, body))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(said)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((address, port), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(home))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.server, receiver.port = server, server.server_address[1]
    receiver.url = f"https://{NAME}:{receiver.port}/veta"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return receiver


def calling(home: Path, *, resolve: Any = None, deadline: float = 3.0) -> Outbound:
    """The hub's way out, which trusts that authority and takes PUBLIC for the internet."""
    tls = ssl.create_default_context(cafile=str(home / "ca.pem"))
    return Outbound((ip_network(f"{PUBLIC}/32"),), tls, resolve or (lambda host, port: [PUBLIC]), deadline)


def _certificate(home: Path) -> Path:
    """The chain and key of NAME, made with its authority where they are not yet there."""
    chain = home / "server.pem"
    if not chain.exists():
        authority, of_name = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _signed("Prueba", authority, authority, "Prueba", ca=True)
        leaf = _signed(NAME, of_name, authority, "Prueba", ca=False)
        (home / "ca.pem").write_bytes(root.public_bytes(Encoding.PEM))
        private = of_name.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain.write_bytes(leaf.public_bytes(Encoding.PEM) + private)
    return chain


def _signed(name: str, key: Any, by: Any, issuer: str, *, ca: bool) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    named = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])  # noqa: E731
    builder = (
        x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )  # fmt: skip
    if ca:
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(by, hashes.SHA256())
