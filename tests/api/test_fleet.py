"""Several processes and several lives on one data directory; TLS."""
import os
import signal
import ssl
import subprocess
import threading
import time

import pytest

from support.client import UNIVERSAL
from support.origin import Origin, silent
from support.pace import seconds, until
from support.pictures import simple_png
from support.server import MODELS, Server, Worker, command, put_to_sleep, session_members


def test_a_restart_keeps_everything(serve):
    server = serve(workers=1, config=MODELS)
    client = server.new_client("--credits", "1000000", model="flash")
    done = client.completed(client.make("an owl"))
    film = client.download(done).body
    headers = {"Idempotency-Key": "before"}
    server.terminate()
    server.words[server.words.index("--workers") + 1] = "0"
    server.restart()
    waiting = client.create("a fox", headers=headers).json["id"]
    cancelled = client.make("a cat")
    client.cancel(cancelled)
    ledger, listed = client.transactions(), client.jobs()
    server.terminate()
    server.restart()
    assert client.transactions() == ledger

    def strip(rows):
        """Without the urls: they name the server's port, which is another after a restart."""
        return [{**{k: v for k, v in r.items() if k != "video"},
                 "meta": {k: v for k, v in r["meta"].items() if not k.endswith("_url")}} for r in rows]

    assert strip(client.jobs()) == strip(listed)
    assert client.poll(waiting).json["status"] == "queued"
    assert client.poll(cancelled).json["status"] == "error"
    again = client.poll(done["id"]).json
    assert again["status"] == "completed" and client.download(again).body == film
    assert client.create("a fox", headers=headers).json["id"] == waiting


@pytest.mark.quick
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_server_well(serve, number):
    server = serve(workers=1)
    server.client().get("/healthz", auth=False)
    server.signal(number)
    assert server.wait() == 0
    assert session_members(server.pid) == [], "a worker outlived its server"


def test_a_drain_puts_back_what_takes_too_long(serve):
    server = serve("--drain", "1s", workers=1, config=MODELS)
    client = server.client()
    running, waiting = client.make("a horse", model="epic"), client.make("a cow", model="flash")
    client.until(running, "generating")
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert session_members(server.pid) == []
    server.words[server.words.index("--workers") + 1] = "0"
    server.restart()
    assert client.poll(running).json["status"] == "queued"
    assert client.poll(waiting).json["status"] == "queued"
    assert client.transactions() == []


def test_a_drain_lets_short_jobs_finish_or_puts_them_back(serve):
    server = serve("--drain", "1h", workers=1, config=MODELS)
    client = server.client()
    running = client.make("a horse", model="video-01")
    client.until(running, "generating", "completed")
    server.signal(signal.SIGTERM)
    assert server.wait(180) == 0
    server.words[server.words.index("--workers") + 1] = "0"
    server.restart()
    assert client.poll(running).json["status"] == "completed"
    assert len(client.transactions()) == 1


def test_a_drain_answers_those_who_wait(serve):
    server = serve()
    client = server.client()
    id = client.make()
    answers = []
    waiter = threading.Thread(target=lambda: answers.append(client.poll(id, wait=60)))
    waiter.start()
    time.sleep(0.3)
    began = time.monotonic()
    assert server.terminate() == 0
    waiter.join()
    assert time.monotonic() - began < 50
    assert answers and answers[0].status in (200, 503), answers


@pytest.mark.threads
def test_two_servers_and_a_lone_worker_share_one_directory(serve):
    first = serve(workers=0, config=MODELS)
    second = Server(data=first.data, workers=0, config=MODELS)
    worker = Worker(first.data, "--config", first.folder / "zoetrope.yaml", folder=first.folder)
    try:
        second.start()
        worker.launch()
        one, two = first.client(model="flash"), second.client(model="flash")
        id = one.make("an owl")
        assert two.poll(id).json["id"] == id
        job = two.completed(id)
        assert two.download(job).status == 200
        path = job["video"]["url"].replace(second.url, first.url)
        assert one.download(path).status == 200, "both sign with one secret"
        # a change through one server wakes those who wait at the other
        other = one.make("a fox number two", model="epic")
        one.cancel(other)
        assert two.poll(other, wait=60).json["status"] == "error"
        key = first.make_key()
        assert second.client(key).create().status == 200
        assert worker.terminate() == 0
        assert second.terminate() == 0
    finally:
        worker.clean()
        second.close()
    worker.check_log()


def test_a_dead_worker_is_replaced_and_its_job_done_again(serve):
    server = serve(workers=1, config=MODELS)
    client = server.client()
    id = client.make("a horse", model="video-01")
    client.until(id, "generating")
    victim = server.workers()[0]
    os.kill(victim, signal.SIGKILL)
    job = client.completed(id)
    assert client.download(job).status == 200
    assert len(client.transactions()) == 1
    until(lambda: [w for w in server.workers() if w != victim], what="a new worker")


def test_a_job_that_kills_its_workers_ends_after_three_attempts(serve):
    server = serve(workers=1, config=MODELS)
    client = server.new_client("--credits", "120000", model="epic")
    id = client.make("a horse")
    killed = []

    def step():
        state = client.poll(id).json["status"]
        if state == "generating":
            for pid in server.workers():
                if pid not in killed:
                    killed.append(pid)
                    os.kill(pid, signal.SIGKILL)
        return state in ("error", "completed")
    until(step, limit=120, pause=0.01, what="the end of a job that kills its workers")
    job = client.poll(id).json
    assert job["status"] == "error", job
    assert len(killed) >= 3
    assert client.balance() == 120000 and client.create().status == 200


def test_a_worker_that_stands_still_loses_its_job_and_cannot_end_it(serve):
    """Stopped like a machine that sleeps; awake again it finds its lease gone."""
    first = serve("--lease", "3s", workers=1, config=MODELS)
    client = first.client()
    id = client.make("a horse", model="video-01")
    client.until(id, "generating")
    sleeper = first.workers()[0]
    put_to_sleep(sleeper, first.data)
    second = Server("--lease", "3s", data=first.data, workers=1, config=MODELS)
    try:
        second.start()
        job = client.completed(id)
        film = client.download(job).body
        try:
            os.kill(sleeper, signal.SIGCONT)
        except ProcessLookupError:
            pass  # its supervisor did not wait for it
        owl = client.make("an owl", model="flash")
        client.completed(owl)
        again = client.poll(id).json
        assert again == {**job, "video": again["video"]}
        assert client.download(again).body == film
        assert sorted(t["reference_id"] for t in client.transactions()) == sorted([id, owl])
        second.terminate()
    finally:
        second.close()


def test_a_worker_that_lost_its_job_cannot_fail_it_for_another(serve):
    """It sleeps while it fetches; another draws the film already when its own fetch goes wrong."""
    origin = Origin()
    awake = threading.Event()

    def answer(handler):
        if len(origin.asked) == 1:
            awake.wait(seconds(120))
            handler.give(404, b"", "text/plain")
        else:
            handler.give(200, simple_png(400, 400), "image/png")
    options = ("--lease", "3s", "--fetch-allow", "127.0.0.0/8")
    first = serve(*options, workers=1, config=MODELS)
    second = Server(*options, data=first.data, workers=1, config=MODELS)
    try:
        client = first.client()
        id = client.make("calm", model="epic", image_url=origin.add("/turn", answer))
        until(lambda: origin.asked, what="the first fetch")
        sleeper = first.workers()[0]
        put_to_sleep(sleeper, first.data)
        second.start()
        until(lambda: client.poll(id).json["meta"].get("stage") == "drawing", what="another's film")
        os.kill(sleeper, signal.SIGCONT)
        awake.set()
        client.completed(client.make("an owl", model="flash"))
        job = client.poll(id).json
        assert job["status"] == "generating", job
        client.cancel(id)
        second.end_well()
    finally:
        origin.close()
        second.close()


def test_a_worker_without_progress_loses_its_job(serve):
    """The watchdog sees a fetch that hangs for longer than it allows."""
    origin = Origin()
    try:
        server = serve("--hang", "3s", "--attempts", "2", "--fetch-allow", "127.0.0.0/8", workers=1,
                       config=MODELS)
        client = server.client(model="flash")
        id = client.make("calm", image_url=origin.add("/stuck", silent(origin)))
        job = client.until(id)
        assert job["status"] == "error", job
        assert client.transactions() == []
        client.completed(client.make("an owl"))
    finally:
        origin.close()


def test_orphans_end_when_their_server_was_killed(serve):
    server = serve(workers=2)
    workers = until(lambda: server.workers() if len(server.workers()) == 2 else None, what="workers")
    server.kill()
    until(lambda: not [w for w in workers if os.path.exists(f"/proc/{w}/stat")
                       and w in session_members(server.pid)], what="the end of the orphans")


@pytest.mark.quick
def test_a_port_in_use_and_a_bad_option_are_told(idle, tmp_path):
    from support.server import BINARY, environment
    for words, hint in ((["serve", "--listen", f"127.0.0.1:{idle.port}", "--data", tmp_path / "a"], "use"),
                        (["serve", "--listen", "nonsense", "--data", tmp_path / "b"], "listen"),
                        (["serve", "--no-such-option"], "no-such-option"),
                        (["no-such-command"], "no-such-command")):
        done = subprocess.run([BINARY, *map(str, words)], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
                              timeout=seconds(60))
        assert done.returncode != 0, words
        assert hint in done.stderr, (words, done.stderr)


@pytest.mark.quick
def test_the_doctor_finds_a_used_directory_healthy(idle):
    client = idle.new_client()
    client.cancel(client.make())
    done = command("doctor", data=idle.data, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- TLS ------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


@pytest.mark.quick
def test_tls_by_certificate_and_key(certificate, serve):
    server = serve("--tls-certificate", certificate / "cert.pem", "--tls-key", certificate / "key.pem")
    tls = ssl.create_default_context(cafile=certificate / "cert.pem")
    server.tls_context = lambda: tls
    client = server.client(tls=tls)
    id = client.make("a fox")
    assert client.poll(id).json["status"] == "queued"
    assert client.get("/openapi.json", auth=False).json["servers"][0]["url"].startswith("https://")
    with pytest.raises(ssl.SSLError):  # whom it does not know, a client does not talk to
        server.client(tls=ssl.create_default_context()).wire()
    # plain HTTP on that port gets no answer to its question
    with server.client().wire() as wire:
        wire.send(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" not in wire.ended()
    assert client.get(UNIVERSAL, params={"generation_id": id}).status == 200


@pytest.mark.quick
def test_tls_files_that_are_none_are_told(certificate, tmp_path):
    from support.server import BINARY, environment
    for cert, key in ((tmp_path / "none.pem", certificate / "key.pem"),
                      (certificate / "key.pem", certificate / "cert.pem")):
        done = subprocess.run([BINARY, "serve", "--listen", "127.0.0.1:0", "--data", str(tmp_path / "d"),
                               "--tls-certificate", str(cert), "--tls-key", str(key)],
                              stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment(), timeout=seconds(60))
        assert done.returncode != 0 and "tls" in done.stderr.lower(), done.stderr
