"""A SOCKS5 proxy on loopback (RFC 1928, 1929) that leads every host to one local server."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        methods = self.rfile.read(self.rfile.read(2)[1])
        wanted = 2 if self.server.login else 0
        if wanted not in methods:
            self.wfile.write(b"\x05\xff")
            return
        self.wfile.write(bytes([5, wanted]))
        if self.server.login and not self._may_enter():
            return
        self.rfile.read(4)  # version, command, reserved, address type: a name
        self.server.hosts.append(self.rfile.read(self.rfile.read(1)[0]).decode())
        self.rfile.read(2)  # port
        self.wfile.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        with socket.create_connection(self.server.target, timeout=10) as upstream:
            self.server.upstreams.append(upstream)
            back = threading.Thread(target=_pump, args=(upstream, self.connection))
            back.start()
            _pump(self.connection, upstream)
            back.join()

    def _may_enter(self) -> bool:
        self.rfile.read(1)
        user, password = (self.rfile.read(self.rfile.read(1)[0]).decode() for _ in range(2))
        is_right = f"{user}:{password}" == self.server.login
        self.wfile.write(b"\x01\x00" if is_right else b"\x01\x01")
        return is_right


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    target: tuple[str, int]
    login: str
    hosts: list[str]
    upstreams: list[socket.socket]


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def socks_proxy(target_port: int, login: str = "") -> Iterator[tuple[int, list[str]]]:
    """The proxy's port, and the hosts that it was asked for; `login` is `user:password`."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.target, server.login, server.hosts = ("127.0.0.1", target_port), login, []
        server.upstreams = []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.server_address[1], server.hosts
        finally:
            server.shutdown()
            for upstream in server.upstreams:  # a client may keep its connection for later
                with contextlib.suppress(OSError):
                    upstream.shutdown(socket.SHUT_RDWR)
