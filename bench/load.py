"""A process that keeps a server busy: `python -m bench.load HOST PORT CONNECTIONS SECONDS < paths`.

Each connection is a thread with a bare socket that asks for the next path as soon as it has an answer,
so that the asking costs the machine little. Prints what came back as one line of JSON.
"""

from __future__ import annotations

import json
import socket
import sys
from dataclasses import asdict, dataclass, field
from itertools import count
from threading import Thread
from time import perf_counter


@dataclass(slots=True)
class Load:
    """What came back: the seconds each answer took, bytes, answers that were no 200, time in all."""

    taken: list[float] = field(default_factory=list)
    bytes: int = 0
    refused: int = 0
    seconds: float = 0.0


class Connection:
    """One keep-alive connection."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._socket = socket.create_connection((host, port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> tuple[int, bytes]:
        """The status and the body."""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode("ascii"))
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        head = bytes(received[:end]).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(received) < end + 4 + length:
            received += self._receive()
        return int(head.split(b" ", 2)[1]), bytes(received[end + 4 :])

    def _receive(self) -> bytes:
        data = self._socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def close(self) -> None:
        self._socket.close()


def ask(host: str, port: int, paths: list[str], connections: int, seconds: float) -> Load:
    """Ask over some connections at once for a while; each begins elsewhere in the list."""
    load, began = Load(), perf_counter()

    def work(first: int) -> None:
        connection = Connection(host, port)
        for number in count(first):
            asked = perf_counter()
            if asked - began > seconds:
                break
            status, body = connection.get(paths[number % len(paths)])
            load.taken.append(perf_counter() - asked)
            load.bytes += len(body)
            load.refused += status != 200
        connection.close()

    threads = [
        Thread(target=work, args=(number * len(paths) // connections,)) for number in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = perf_counter() - began
    return load


def main() -> None:
    host, port, connections, seconds = sys.argv[1:]
    paths = [line.strip() for line in sys.stdin if line.strip()]
    print(json.dumps(asdict(ask(host, int(port), paths, int(connections), float(seconds)))))


if __name__ == "__main__":
    main()
