"""A name server on the loopback, speaking the protocol over UDP: what a test says its records are."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """Answers questions; `records` maps a name to what its TXT records say."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        #: Where names are: each question gets the next address, and the last one from then on.
        self.addresses: dict[str, list[str]] = {}
        #: Names that have records, though none of the kind that is asked for.
        self.others: set[str] = set()
        #: Names about which it says that it failed, and those about which it says nothing.
        self.broken: set[str] = set()
        self.silent: set[str] = set()
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self._open = True
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def serve(self) -> None:
        """Answer until the socket is closed."""
        while self._open:
            try:
                wire, client = self._socket.recvfrom(4_096)
            except OSError:  # nobody asked for a while, or it was closed
                continue
            answer = self._answer(dns.message.from_wire(wire))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), client)

    def close(self) -> None:
        """Stop."""
        self._open = False
        self._socket.close()

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        answer = dns.message.make_response(query)
        name = query.question[0].name
        self.asked.append(asked := name.to_text(omit_final_dot=True))
        if asked in self.silent:
            return None
        if asked in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif query.question[0].rdtype == dns.rdatatype.TXT and asked in self.records:
            texts = (f'"{text}"' for text in self.records[asked])
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *texts))
        elif asked in self.addresses:
            self._locate(answer, query.question[0].rdtype, asked)
        elif asked not in self.others:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    def _locate(self, answer: dns.message.Message, kind: int, asked: str) -> None:
        known = self.addresses[asked]
        wanted = "AAAA" if ":" in known[0] else "A"
        if kind == dns.rdatatype.from_text(wanted):
            answer.answer.append(dns.rrset.from_text(f"{asked}.", 0, "IN", wanted, known[0]))
            if len(known) > 1:
                known.pop(0)


@contextmanager
def name_server() -> Iterator[NameServer]:
    """Run one."""
    server = NameServer()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
