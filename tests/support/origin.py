"""A web server on loopback that serves images well and badly, for the program to fetch from."""
import http.server
import socketserver
import struct
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        origin = self.server.origin
        with origin.lock:
            origin.asked.append((self.path, dict(self.headers)))
        answer = origin.answers.get(self.path)
        self.close_connection = True
        try:
            if answer is None:
                self.give(404, b"nothing here", "text/plain")
            elif callable(answer):
                answer(self)
            else:
                self.give(200, answer, origin.types.get(self.path, "image/png"))
        except OSError:
            pass  # the other side hung up, as some tests want it to

    def give(self, status, body, type, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Origin:
    """answers: path -> bytes, or a function of the handler. asked: what came, in order."""

    class Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads = True
        request_queue_size = 128

    def __init__(self):
        self.answers, self.types, self.asked = {}, {}, []
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.server = self.Threads(("127.0.0.1", 0), Handler)
        self.server.origin = self
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self):
        return self.server.server_port

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    def add(self, path, answer, type="image/png"):
        self.answers[path], self.types[path] = answer, type
        return self.url(path)

    def paths(self):
        with self.lock:
            return [path for path, _ in self.asked]

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


def redirect(location, status=302):
    return lambda h: h.give(status, b"", "text/plain", [("Location", location)])


def endless(origin, type="image/png"):
    """An answer without a length that goes on until the other side hangs up."""
    def answer(h):
        h.send_response(200)
        h.send_header("Content-Type", type)
        h.send_header("Connection", "close")
        h.end_headers()
        while not origin.over.is_set():
            h.wfile.write(b"\0" * 65536)
    return answer


def dripping(origin, type="image/png"):
    """An answer that promises a megabyte and gives a byte now and then."""
    def answer(h):
        h.send_response(200)
        h.send_header("Content-Type", type)
        h.send_header("Content-Length", "1000000")
        h.end_headers()
        while not origin.over.wait(0.1):
            h.wfile.write(b"\0")
            h.wfile.flush()
    return answer


def silent(origin):
    """No answer at all."""
    return lambda h: origin.over.wait(120)


def cut(data, type="image/png"):
    """Half of what was promised, then the end."""
    def answer(h):
        h.send_response(200)
        h.send_header("Content-Type", type)
        h.send_header("Content-Length", str(len(data)))
        h.end_headers()
        h.wfile.write(data[:len(data) // 2])
    return answer


def reset(h):
    """A TCP reset for an answer."""
    h.connection.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SOL_SOCKET, SO_LINGER
    h.connection.close()
    time.sleep(0)
