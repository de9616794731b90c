"""HTTP/1.1 byte by byte: one connection, requests as they are written, answers as they come."""
import http.client
import json
import socket
import ssl

from support.pace import seconds


class Answer:
    """One reply. Header names are compared without case."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name, default=None):
        return self.headers.get(name, default)

    @property
    def type(self):
        return self.header("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:600]!r}>"


class _Shared:
    """A socket for HTTPResponse whose buffered file is shared by all answers of a connection."""

    def __init__(self, file):
        self.file = file

    def makefile(self, *_):
        outer = self.file

        class Leave:
            def __getattr__(self, name):
                return getattr(outer, name)

            def close(self):
                pass

            def flush(self):
                pass
        return Leave()


class Wire:
    """One connection to a server."""

    def __init__(self, port, host="127.0.0.1", tls=None, limit=60):
        self.socket = socket.create_connection((host, port), timeout=seconds(limit))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def reset(self):
        """Close with a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def head(self):
        """The next status line and headers alone, 1xx too: (status, {name: value})."""
        line = self.file.readline()
        assert line.startswith(b"HTTP/1.1 "), line
        headers = http.client.parse_headers(self.file)
        return int(line.split()[1]), headers

    def answer(self, method="GET"):
        """The next final answer."""
        response = http.client.HTTPResponse(_Shared(self.file), method=method)
        response.begin()
        body = response.read()
        return Answer(response.status, response.headers, body)

    def ended(self):
        """Wait for the other side to close; what it still sent before."""
        try:
            return self.file.read()
        except (ConnectionResetError, ssl.SSLError):
            return b""


def request(method, target, headers=(), body=b""):
    """The bytes of a request; headers is a list of pairs, in order."""
    lines = [f"{method} {target} HTTP/1.1"] + [f"{k}: {v}" for k, v in headers]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body
