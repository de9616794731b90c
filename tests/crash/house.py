"""A data directory under load whose processes are shot, and the questions asked of it afterwards."""
import collections
import itertools
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.parse
import uuid

from support.client import UNIVERSAL
from support.network import row
from support.pace import seconds, until
from support.pictures import data_uri, scene, jpeg
from support.server import MODELS, Server, Worker

PRICE = 120000
GONE = ("gone", None)
FRAMES = {"reel": 141, "clip": 25, "flash": 5, "video-01": 141, "tiny": 9}
OPTIONS = ("--lease", "4s", "--drain", "1s")
IMAGE = data_uri(jpeg(scene(320, 320)))


def count_frames(path):
    out = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0",
                          "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", str(path)],
                         stdout=subprocess.PIPE, check=True, text=True, timeout=seconds(120)).stdout
    return int(out.strip().strip(","))


def sweep(server):
    """Remove strays, now that nobody writes any more: the grace is longer than a write else."""
    time.sleep(1.5)
    server.terminate()
    server.words += ["--stray-grace", "1s"]
    server.restart()


class Order:
    """One create that a client wants: repeated under its key until it was answered."""

    def __init__(self, prompt, model, image):
        self.key = str(uuid.uuid4())
        self.body = {"model": model, "prompt": prompt, **({"image_url": IMAGE} if image else {})}
        self.id = None  # once it was answered with 200
        self.final = None
        self.cancelling = False  # a DELETE was sent; whether it arrived is another question
        self.cancelled = False  # and was answered with 200


class House:
    """One server, perhaps a lone worker beside it, and clients that want things all the time.

    networks: a third of their films are made by a neural model, one at a time.
    """

    def __init__(self, seed, lone_worker=False, networks=False):
        self.random = random.Random(seed)
        self.networks = networks
        self.server = Server(*OPTIONS, workers=1 if lone_worker else 2,
                             config=MODELS + row("tiny"))
        self.lone = None
        self.lone_worker = lone_worker
        self.orders, self.faults = [], []
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.threads = []

    def __enter__(self):
        self.server.start()
        self.client = self.server.new_client("--credits", str(10_000 * PRICE))
        if self.lone_worker:
            self.lone = Worker(self.server.data, *self.work_options(), folder=self.server.folder)
            self.lone.launch()
        return self

    def work_options(self):
        return ("--lease", "4s", "--drain", "1s", "--config", self.server.folder / "zoetrope.yaml")

    def __exit__(self, kind, value, trace):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        if self.lone:
            self.lone.clean()
        self.server.clean()
        try:
            if kind is None:
                self.server.check_log()
                if self.lone:
                    self.lone.check_log()
            else:
                self.server.tell_log()
        finally:
            self.server.close(check=False)

    # ---- clients ---------------------------------------------------------------------------------

    def load(self, n_clients=2):
        for _ in range(n_clients):
            self.threads.append(threading.Thread(target=self.want, daemon=True))
        self.threads.append(threading.Thread(target=self.watch, daemon=True))
        for thread in self.threads:
            thread.start()

    def unfinished(self):
        with self.lock:
            return [o for o in self.orders if o.final is None]

    def want(self):
        for i in itertools.count():
            if self.stop.is_set():
                return
            if len(self.unfinished()) >= 8:
                time.sleep(0.02)
                continue
            pick = self.random.random()
            model = "flash" if pick < 0.3 else "reel"
            if self.networks and pick >= 0.1 and self.random.random() < 0.4:
                model = "tiny"
            order = Order(f"a fox {i}", model, pick < 0.1)
            with self.lock:
                self.orders.append(order)
            self.insist(order, self.stop)
            if pick > 0.8 and order.id:
                self.cancel(order)

    def insist(self, order, stop=None):
        """Repeat the create until it is answered, as a careful client does."""
        end = time.monotonic() + seconds(120)
        while not (stop and stop.is_set()):
            try:
                answer = self.client.post(UNIVERSAL, json=order.body, check=False,
                                          headers={"Idempotency-Key": order.key})
            except (OSError, AssertionError):
                answer = None  # shot while it was answering
            if answer is not None and answer.status == 200:
                self.answered(order, answer.json)
                return
            if answer is not None and answer.status != 503:
                self.fault(f"a create was answered {answer}")
                return
            if time.monotonic() > end:
                self.fault(f"a create was not answered for {seconds(120)} s")
                return
            time.sleep(0.02)

    def answered(self, order, body):
        with self.lock:
            if order.id not in (None, body["id"]):
                self.faults.append(f"{order.key} was {order.id} and is {body['id']}")
            order.id = body["id"]

    def cancel(self, order):
        order.cancelling = True
        try:
            answer = self.client.cancel(order.id)
        except (OSError, AssertionError):
            return
        if answer.status == 200:
            order.cancelled = True

    def watch(self):
        """Look at the jobs all the time: what is final stays as it is."""
        while not self.stop.is_set():
            with self.lock:
                known = [o for o in self.orders if o.id]
            for order in self.random.sample(known, min(6, len(known))):
                try:
                    answer = self.client.poll(order.id)
                except (OSError, AssertionError):
                    continue
                self.look(order, answer)
            time.sleep(0.02)

    def look(self, order, answer):
        if answer.status in (500, 503):
            return
        if answer.status == 410 and order.cancelling:
            order.final = GONE  # it was completed already, so the DELETE took it away
            return
        if answer.status != 200:
            self.fault(f"{order.id} was accepted, and its poll is {answer}")
            return
        job = answer.json
        seen = (job["status"], job["error"]) if job["status"] in ("completed", "error") else None
        with self.lock:
            if order.final and seen != order.final:
                self.faults.append(f"{order.id} was {order.final} and is {job}")
            order.final = order.final or seen

    def fault(self, text):
        with self.lock:
            self.faults.append(text)

    # ---- shots -------------------------------------------------------------------------------------

    def shoot(self):
        """kill -9 of something, at some instant; then up again what does not come up by itself."""
        time.sleep(self.random.random() * 0.25)
        pick = self.random.random()
        if pick < 0.5 and self.shoot_worker():
            return
        if pick < 0.8:
            self.server.kill()
            self.server.restart()
        else:
            self.server.kill_all()
            if self.lone:
                self.lone.kill_all()
                self.lone.launch()
            self.server.restart()

    def shoot_worker(self):
        """False when there is none: they come up again more slowly the more often they die."""
        victims = self.server.workers() + ([self.lone.pid] if self.lone and self.lone.alive() else [])
        if victims:
            victim = self.random.choice(victims)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
            if self.lone and victim == self.lone.pid:
                self.lone.wait()
                self.lone.launch()
        return bool(victims)

    # ---- questions ---------------------------------------------------------------------------------

    def settle(self):
        """Let the clients finish, then every job."""
        self.stop.set()
        for thread in self.threads:
            thread.join()
        self.threads = []
        self.server.terminate()
        self.server.restart()
        for order in self.orders:
            self.insist(order)  # also those answered long ago: the same answer again
        for order in self.orders:
            if self.client.poll(order.id).status == 200:
                self.client.until(order.id, limit=300)
            self.look(order, self.client.poll(order.id))
            assert order.final, order.id

    def question(self, folder):
        """Nothing accepted is lost, nothing ended twice, every video is one, the books balance."""
        self.settle()
        assert self.faults == []
        ids = [o.id for o in self.orders]
        assert len(set(ids)) == len(ids)
        there = [o.id for o in self.orders if o.final != GONE]
        assert sorted(j["id"] for j in self.client.jobs()) == sorted(there), \
            "jobs that nobody was told of, or told of and gone"
        done = [o for o in self.orders if o.final[0] == "completed"]
        for order in self.orders:
            if order.cancelled:
                assert order.final == GONE or order.final[1]["name"] == "CancelledException", \
                    order.final
        self.check_books(done)
        self.check_files(done, folder)
        self.check_store()
        return collections.Counter(o.final[0] for o in self.orders)

    def check_books(self, done):
        rows = self.client.transactions()
        charged = [r["reference_id"] for r in rows if r["direction"] == "CHARGE"]
        assert len(set(charged)) == len(charged), "a job was charged twice"
        gone = {o.id for o in self.orders if o.final == GONE}
        assert set(charged) - gone == {o.id for o in done}, "one charge for each completed job"
        assert gone <= set(charged), "what was removed had been completed"
        assert all(r["amount"]["credits"] == PRICE for r in rows if r["direction"] == "CHARGE")
        assert self.client.balance() == (10_000 - len(charged)) * PRICE
        # nothing is still reserved: all of it can be taken away, and then nothing is left
        self.server.command("key", "credit", self.client.key[:8], "--",
                            str(PRICE - self.client.balance()))
        assert self.client.create().status == 200
        assert self.client.create().status == 403
        last = self.client.jobs()[0]["id"]
        assert self.client.cancel(last).status == 200

    def check_files(self, done, folder):
        """Every video decodes to all its frames, and no other file is left."""
        paths = set()
        for order in done:
            job = self.client.poll(order.id).json
            path = urllib.parse.urlsplit(job["video"]["url"]).path
            paths.add(path.rpartition("/")[2])
            film = folder / "film.mp4"
            film.write_bytes(self.client.download(job).body)
            assert count_frames(film) == FRAMES[order.body["model"]], job
        assert len(paths) == len(done)
        sweep(self.server)
        until(lambda: self.videos() == paths, limit=60, what=f"only {len(paths)} videos on disk")
        wanted = {p[:-4] + end for p in paths for end in (".jpg", "-preview.mp4")}
        until(lambda: self.beside() == wanted, limit=60, what="a poster and a preview of each video")
        images = sum(1 for o in self.orders if "image_url" in o.body)
        until(lambda: len(self.others()) <= images, limit=60,
              what=f"at most {images} input images and no drafts on disk")

    def files(self):
        return [p for p in pathlib.Path(self.server.data).rglob("*") if p.is_file()]

    def videos(self):
        return {p.name for p in self.files()
                if p.suffix == ".mp4" and not p.name.endswith("-preview.mp4")}

    def beside(self):
        """Posters and previews."""
        return {p.name for p in self.files() if p.name.endswith((".jpg", "-preview.mp4"))}

    def others(self):
        """Files that are neither videos, nor beside one, nor of the store, the key, the secret, a lock."""
        return [p for p in self.files()
                if p.suffix not in (".mp4", ".jpg") and p.parent != pathlib.Path(self.server.data)]

    def check_store(self):
        done = self.server.command("doctor", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        for path in pathlib.Path(self.server.data).iterdir():
            if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3":
                with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
                    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


