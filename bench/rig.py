"""rig - what every measurement needs: a temporary folder, our server, nginx, all ended at the end.

Everything listens on loopback alone.
"""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("ZOETROPE_BUILD", TOP / "build")).absolute()
PROGRAM = BUILD / "zoetrope"
CORES = os.cpu_count() or 1
QUIET = 0.9
patience_s = 5
PROMPT = ("A menacing evil dragon appears in a distance above the tallest mountain, then rushes "
          "toward the camera with its jaws open, revealing massive fangs. We see it's coming.")


class Trouble(Exception):
    """A measurement could not be made; the text says why."""


class Skipped(Trouble):
    """It was not asked for, or what it needs is not there."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, **options)
    if done.returncode != 0:
        raise Trouble(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return done


def program(name, *arguments):
    """The JSON object that one of bench/'s own programs prints."""
    return json.loads(run(BUILD / "bench" / name, *arguments).stdout)


def idle_share(seconds):
    """How much of the machine nobody uses."""
    def read():
        ticks = [int(x) for x in open("/proc/stat").readline().split()[1:9]]
        return ticks[3] + ticks[4], sum(ticks)
    idle, total = read()
    time.sleep(seconds)
    idle_now, total_now = read()
    return (idle_now - idle) / max(total_now - total, 1)


def settle():
    """Before each round: wait for a quiet machine, at most patience_s."""
    ends = time.monotonic() + patience_s
    while idle_share(0.25) < QUIET and time.monotonic() < ends:
        pass


# ---- processes --------------------------------------------------------------------------------

def children(pid):
    found = [pid]
    for parent in found:
        for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(p) for p in task.read_text().split()]
    return found


def memory(pid):
    """RSS and PSS of a process and all below it, in MiB; shared pages count once in PSS."""
    rss = pss = 0
    for p in children(pid):
        for line in pathlib.Path(f"/proc/{p}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                rss += int(line.split()[1])
            elif line.startswith("Pss:"):
                pss += int(line.split()[1])
    return rss / 1024, pss / 1024


def processor_seconds(pid):
    """What a process and all below it have used so far."""
    ticks = 0
    for p in children(pid):
        fields = pathlib.Path(f"/proc/{p}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def wakeups(pid):
    """How often the threads of a process and all below it have gone to sleep so far."""
    n = 0
    for p in children(pid):
        for status in pathlib.Path(f"/proc/{p}/task").glob("*/status"):
            for line in status.read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches:"):
                    n += int(line.split()[1])
    return n


class Process:
    def __init__(self, command, log):
        self.log = log
        with open(log, "a") as errors:
            self.popen = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                          stdout=subprocess.PIPE, stderr=errors, text=True,
                                          start_new_session=True)
        self.pid = self.popen.pid

    def stop(self):
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.popen.wait()
        self.popen.stdout.close()


class Server(Process):
    """zoetrope serve on a data folder, ready; its first key."""

    def __init__(self, data, log, *flags):
        super().__init__([PROGRAM, "serve", "--listen", "127.0.0.1:0", "--data", data, *flags], log)
        for line in self.popen.stdout:
            if line.startswith("listening on "):
                self.url = line.split()[-1]
                break
        else:
            raise Trouble(f"serve ended: {pathlib.Path(log).read_text().strip()[-400:]}")
        self.port = urllib.parse.urlsplit(self.url).port
        self.key = (pathlib.Path(data) / "key").read_text().strip()

    def client(self):
        return Client(self.port, self.key)


class Client:
    """One keep-alive connection."""

    def __init__(self, port, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Authorization": f"Bearer {key}"}

    def raw(self, path):
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def call(self, method, path, body=None):
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        said = json.loads(answer.read())
        if answer.status != 200:
            raise Trouble(f"{method} {path}: {answer.status} {said.get('message')}")
        return said

    def make_video(self, **fields):
        """POST, then wait for the end; the last answer."""
        said = self.call("POST", "/v2/video/generations", {"model": "video-01", **fields})
        path = f"/v2/video/generations?generation_id={said['id']}&wait=60"
        while said["status"] in ("queued", "generating"):
            said = self.call("GET", path)
        if said["status"] != "completed":
            raise Trouble(f"the job ended as {said['status']}: {said['error']}")
        return said

    def close(self):
        self.connection.close()


NGINX = """daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
{user}
events {{ worker_connections 4096; }}
http {{
    access_log off;
    server_tokens off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ }}
    default_type "{content_type}";
    server {{
        listen 127.0.0.1:{port} reuseport;
        location / {{
{headers}
            return 200 '{body}';
        }}
    }}
}}
"""


def quoted(text):
    if "$" in text:
        raise Trouble("nginx cannot return a '$'")
    return text.replace("\\", "\\\\").replace("'", "\\'")


class Nginx(Process):
    """nginx that returns these bytes and headers from its configuration."""

    OWN = {"connection", "content-length", "content-type", "date", "keep-alive", "server"}

    def __init__(self, folder, workers, headers=(), body=b"ok", content_type="text/plain"):
        folder.mkdir()
        self.port = free_port()
        kept = [f"            add_header {k} '{quoted(v)}';" for k, v in headers
                if k.lower() not in self.OWN]
        conf = folder / "nginx.conf"
        conf.write_text(NGINX.format(
            workers=workers, folder=folder, port=self.port, content_type=content_type,
            headers="\n".join(kept), body=quoted(body.decode()),
            user="user root;" if os.geteuid() == 0 else ""))
        self.command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", folder, "-e",
                        folder / "nginx.log", "-c", conf]
        super().__init__(self.command, folder / "nginx.log")
        first_answer(self.port, "/")


def first_answer(port, path, timeout_s=20):
    """Ask until somebody answers; when that was (monotonic seconds)."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    ends = time.monotonic() + timeout_s
    while time.monotonic() < ends:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as s:
                s.sendall(request)
                if s.recv(16).startswith(b"HTTP/1.1 200"):
                    return time.monotonic()
        except OSError:
            pass
        time.sleep(0.0003)
    raise Trouble(f"nobody answered on port {port}")


class Rig:
    """The temporary folder and what runs in it."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="zoetrope-bench-"))
        self.processes = []
        self.n_folders = 0
        return self

    def __exit__(self, *_):
        for p in reversed(self.processes):
            p.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def fresh_folder(self, name):
        """A path that nothing has yet."""
        self.n_folders += 1
        return self.folder / f"{name}-{self.n_folders}"

    def keep(self, process):
        self.processes.append(process)
        return process

    def stop(self, process):
        self.processes.remove(process)
        process.stop()

    def serve(self, *flags, data=None):
        data = data or self.fresh_folder("data")
        return self.keep(Server(data, self.folder / "serve.log", *flags))

    def nginx(self, workers, **what):
        return self.keep(Nginx(self.fresh_folder("nginx"), workers, **what))
