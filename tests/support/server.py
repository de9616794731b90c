"""The real program as a process: started on a free port, watched, killed, restarted, cleaned up."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from support.pace import seconds, until

TOP = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.path.abspath(os.environ.get("ZOETROPE_BIN", TOP / "build" / "zoetrope"))

# Films for tests that look at something else than the film. epic takes far longer than any test.
MODELS = """\
models:
  - {id: flash, width: 320, height: 180, frames: 5}
  - {id: flash-live, width: 320, height: 180, frames: 5, image-required: true}
  - {id: clip, width: 320, height: 180, frames: 25}
  - {id: reel, width: 320, height: 180, frames: 141}
  - {id: epic, width: 1280, height: 720, frames: 20000}
"""

# Whoever is started ends with the test run, however that ends.
WITH_US = ("setpriv", "--pdeathsig", "KILL")

REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:",
           "WARNING: ThreadSanitizer", "ERROR: ThreadSanitizer", "assertion failed",
           "Assertion `", "stack smashing detected")


def environment(extra=None):
    """The caller's environment without anything that would steer the program."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("ZOETROPE_") and not k.lower().endswith("_proxy")}
    return {**env, **(extra or {})}


def session_members(sid):
    """Living processes of the session sid, by /proc."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = pathlib.Path(f"/proc/{entry}/stat").read_text()
        except OSError:
            continue
        fields = stat.rpartition(")")[2].split()
        if int(fields[3]) == sid and fields[0] not in "ZX":
            found.append(int(entry))
    return found


def somebody_writes(data):
    """Does any process hold a write lock on a file of the store?"""
    inodes = {str(p.stat().st_ino) for p in pathlib.Path(data).iterdir() if p.is_file()}
    locks = [line.split() for line in pathlib.Path("/proc/locks").read_text().splitlines()]
    return any("WRITE" in words and w.rpartition(":")[2] in inodes
               for words in locks for w in words if w.count(":") == 2)


def put_to_sleep(pid, data):
    """SIGSTOP, like a machine that sleeps, but not with a lock on the store in its hand."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        until(lambda: pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T",
              what="the process standing still")
        for _ in range(20):  # a lock that goes away is somebody else's
            if not somebody_writes(data):
                return
            time.sleep(0.01)
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.02)


def command(*words, data=None, check=True, env=None, timeout=60):
    """Run one subcommand to its end; its output as text."""
    words = list(map(str, words))
    line = [BINARY, words[0], *(["--data", str(data)] if data else []), *words[1:]]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, env=environment(env),
                          timeout=seconds(timeout))
    problems = [r for r in REPORTS if r in done.stderr]
    assert not problems, f"{line} reported:\n{done.stderr}"
    if check:
        assert done.returncode == 0, f"{line} ended with {done.returncode}:\n{done.stderr}"
    return done


class Process:
    """One program of ours with its output in files; never outlives the test."""

    def __init__(self, words, log, env=None):
        self.words, self.log, self.env = [str(w) for w in words], pathlib.Path(log), env
        self.child = None
        self.sessions = []

    def launch(self):
        self.out_from = self.size(self.out_path)
        with open(self.out_path, "ab") as out, open(self.log, "ab") as err:
            self.child = subprocess.Popen([*WITH_US, BINARY, *self.words],
                                          stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                          env=environment(self.env), start_new_session=True)
        self.sessions.append(self.child.pid)
        return self

    @property
    def out_path(self):
        return self.log.with_suffix(".out")

    @staticmethod
    def size(path):
        return path.stat().st_size if path.exists() else 0

    def output(self):
        """What this start of the program wrote to standard output."""
        with open(self.out_path, "rb") as f:
            f.seek(self.out_from)
            return f.read().decode("utf-8", "replace")

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def workers(self):
        """Process ids of the server's living children."""
        return [p for p in session_members(self.child.pid) if p != self.child.pid]

    def signal(self, number):
        os.kill(self.child.pid, number)

    def kill(self):
        """kill -9 of this process alone; its children are left as they are."""
        if self.alive():
            self.signal(signal.SIGKILL)
        self.child.wait()

    def kill_all(self):
        """kill -9 of the process and every child, as a power cut would."""
        for pid in session_members(self.child.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.child.wait()

    def wait(self, limit=60):
        return self.child.wait(timeout=seconds(limit))

    def terminate(self, limit=60):
        """SIGTERM, and the exit status."""
        if self.alive():
            self.signal(signal.SIGTERM)
        return self.wait(limit)

    def tell_log(self):
        """The end of the log, for the report of a test that failed."""
        if self.log.exists():
            print(f"---- {self.log.name}\n{self.log.read_text(errors='replace')[-8000:]}")

    def clean(self):
        """End whatever this object ever started."""
        for sid in self.sessions:
            for pid in session_members(sid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        if self.child is not None:
            self.child.wait()

    def check_log(self):
        """Fail on anything a sanitizer or an assertion wrote."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        for report in REPORTS:
            if report in text:
                at = text.index(report)
                raise AssertionError(f"{' '.join(self.words)} reported:\n"
                                     f"{text[max(0, at - 500):at + 6000]}")


class Server(Process):
    """zoetrope serve on a data directory of its own or one that is shared.

    workers 0 leaves every job queued for ever, which most tests of the contract want.
    """

    def __init__(self, *options, data=None, workers=0, env=None, name="serve", config=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="zoetrope-test-"))
        if config:
            (self.folder / "zoetrope.yaml").write_text(config)
            options += ("--config", self.folder / "zoetrope.yaml")
        self.data = pathlib.Path(data) if data else self.folder / "data"
        self.tls = any(str(o).startswith("--tls") for o in options)
        words = ["serve", "--listen", "127.0.0.1:0", "--data", self.data,
                 "--workers", workers, *options]
        super().__init__(words, self.folder / f"{name}.log", env)
        self.port = None
        self.host = "127.0.0.1"
        self._document = None
        self._checked = True

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        try:
            if kind is not None:
                self.tell_log()
            else:
                self.end_well()
        finally:
            self.close(check=kind is None)

    def start(self, limit=60):
        self.launch()
        until(self._listening, limit=limit, pause=0.005, what="the server's address")
        return self

    def _listening(self):
        if self.child.poll() is not None:
            tail = self.log.read_text(errors="replace")[-4000:]
            raise AssertionError(f"serve ended with {self.child.returncode}:\n{tail}")
        found = re.search(r"listening on (https?)://127\.0\.0\.1:(\d+)", self.output())
        if found:
            self.port = int(found.group(2))
        return found

    def restart(self):
        return self.start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def key(self):
        """The key that the first start made."""
        return (self.data / "key").read_text().strip()

    def command(self, *words, **options):
        return command(*words, data=self.data, **options)

    def make_key(self, *options):
        """A fresh key through the command line."""
        text = self.command("key", "create", *options).stdout
        return re.search(r"\b[0-9a-f]{64}\b", text).group(0)

    def client(self, key=None, **options):
        from support.client import Client
        return Client(self, self.key if key is None else key, **options)

    def new_client(self, *options, **client_options):
        """A client with a key of its own."""
        return self.client(self.make_key(*options), **client_options)

    def document(self):
        """The server's own OpenAPI document."""
        if self._document is None:
            from support.schemas import Document
            self._document = Document(self)
        return self._document

    def end_well(self):
        """SIGTERM, if it runs, and it must end with status 0."""
        if self.alive():
            status = self.terminate()
            assert status == 0, f"serve ended with {status}"

    def close(self, check=True):
        """End everything, look at the logs, remove the folder."""
        self.clean()
        try:
            if check:
                self.check_log()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


class Worker(Process):
    """zoetrope work on a data directory."""

    def __init__(self, data, *options, env=None, folder=None, name=None):
        name = name or f"work-{time.monotonic_ns()}"
        super().__init__(["work", "--data", data, *options],
                         pathlib.Path(folder or data) / f"{name}.log", env)
