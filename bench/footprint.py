"""footprint - memory of an idle server, with clients on it; time from exec to the first answer."""
import socket
import time

import rig
from result import Result

CLIENTS = 1000
STARTS = 20
IDLE_SECONDS = 4


def answered(s):
    """Read one whole answer."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += s.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                  if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += s.recv(65536)
    return head.startswith(b"HTTP/1.1 200")


def connect_all(port, path):
    """Keep-alive clients, each of which has asked once."""
    sockets = []
    for _ in range(CLIENTS):
        s = socket.create_connection(("127.0.0.1", port), timeout=20)
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        if not answered(s):
            raise rig.Trouble("a keep-alive client was not answered 200")
        sockets.append(s)
    return sockets


def with_clients(process, port, path):
    sockets = connect_all(port, path)
    time.sleep(0.5)
    found = rig.memory(process.pid)
    for s in sockets:
        s.close()
    return found


def memory(r):
    nginx = r.nginx(min(rig.CORES, 4))
    server = r.serve("--workers", "0")
    time.sleep(1)
    rss, pss = rig.memory(server.pid)
    peer_rss, peer_pss = rig.memory(nginx.pid)
    yield Result("memory: serve alone, RSS", "MiB", [rss], "nginx", [peer_rss], [rss / peer_rss],
                 ("<=", 30), judge="value")
    yield Result("memory: serve alone, PSS", "MiB", [pss], "nginx", [peer_pss], [pss / peer_pss])
    rss, pss = with_clients(server, server.port, "/healthz")
    peer_rss, peer_pss = with_clients(nginx, nginx.port, "/")
    yield Result("memory: 1,000 clients, RSS", "MiB", [rss], "nginx", [peer_rss], [rss / peer_rss])
    yield Result("memory: 1,000 clients, PSS", "MiB", [pss], "nginx", [peer_pss], [pss / peer_pss])
    r.stop(nginx)
    r.stop(server)
    server = r.serve("--workers", "1")
    time.sleep(1)
    rss, pss = rig.memory(server.pid)
    before = rig.wakeups(server.pid)
    time.sleep(IDLE_SECONDS)
    woke = (rig.wakeups(server.pid) - before) / IDLE_SECONDS
    r.stop(server)
    yield Result("memory: serve and a worker, RSS", "MiB", [rss], bar=("<=", 30), judge="value")
    yield Result("memory: serve and a worker, PSS", "MiB", [pss])
    yield Result("idle: wake-ups of serve and a worker", "1/s", [woke])


def start_once(r, command, port, path):
    began = time.monotonic()
    process = r.keep(rig.Process(command, r.folder / "start.log"))
    took = rig.first_answer(port, path) - began
    r.stop(process)
    return took * 1000


def start(r):
    data, port = r.fresh_folder("data"), rig.free_port()
    command = [rig.PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--data", data]
    nginx = r.nginx(min(rig.CORES, 4))
    r.stop(nginx)
    again, first, peer = [], [], []
    start_once(r, command, port, "/healthz")  # makes the data folder
    for _ in range(STARTS):
        rig.settle()
        again.append(start_once(r, command, port, "/healthz"))
        command[-1] = r.fresh_folder("data")
        first.append(start_once(r, command, port, "/healthz"))
        command[-1] = data
        peer.append(start_once(r, nginx.command, nginx.port, "/"))
    yield Result("start to first answer", "ms", again, "nginx", peer,
                 [a / b for a, b in zip(again, peer)], ("<=", 150), judge="value")
    yield Result("start on an empty data folder", "ms", first, "nginx", peer,
                 [a / b for a, b in zip(first, peer)], ("<=", 150), judge="value")


def measure(r, _):
    yield from memory(r)
    yield from start(r)
