"""A scripted upstream behind a real socket, so that it outlives the processes that call it."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from torture.scripted import CREATE, Lost, ScriptedUpstream


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, upstream: ScriptedUpstream, hold: Callable[[], None] | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.hold = hold
        self.one_at_a_time = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that was killed in the middle is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            with server.one_at_a_time:
                reply = server.upstream.answer(self.path, {k.lower(): v for k, v in self.headers.items()}, content)
        except Lost:
            self.close_connection = True
            return
        if server.hold is not None and self.path.endswith(CREATE):
            server.hold()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nothing: the upstream keeps its own record."""


@contextmanager
def served(upstream: ScriptedUpstream, hold: Callable[[], None] | None = None) -> Generator[str]:
    """The base address of `upstream` on this machine. `hold` is called before a create call is answered."""
    server = _Server(upstream, hold)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
