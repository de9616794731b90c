"""zoetrope model: what it lists, and weights that come from a hub on loopback."""
import hashlib
import http.server
import json
import os
import signal
import subprocess
import threading
import time
import urllib.parse

import pytest

from support.server import Server


REPOSITORY = "Wan-AI/Wan2.1-T2V-1.3B"


class Hub:
    """A repository behind the two addresses that a hub has for it."""

    def __init__(self, files):
        self.files = files
        self.requests = []
        self.break_after = {}  # path: bytes, once
        self.spoil = set()
        self.slow = 0.0
        self.revision = "main"  # as it stands in a url
        self.away = None  # another hub, to which files are redirected
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                hub.requests.append((self.path, dict(self.headers)))
                hub.answer(self)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def listing(self):
        rows = [{"type": "directory", "path": "google", "size": 0, "oid": "0"}]
        for path, data in self.files.items():
            row = {"type": "file", "path": path, "size": len(data), "oid": "0"}
            if len(data) > 100:
                row["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}
            rows.append(row)
        return json.dumps(rows).encode()

    def answer(self, x):
        if x.path == f"/api/models/{REPOSITORY}/tree/{self.revision}?recursive=true":
            return self.send(x, 200, self.listing())
        prefix = f"/{REPOSITORY}/resolve/{self.revision}/"
        path = x.path[len(prefix):] if x.path.startswith(prefix) else None
        path = path and urllib.parse.unquote(path)
        if path not in self.files:
            return self.send(x, 404, b"no such file")
        if self.away:
            x.send_response(302)
            x.send_header("Location", self.away.url + x.path)
            x.send_header("Content-Length", "0")
            return x.end_headers()
        data = self.files[path]
        if path in self.spoil:
            data = bytes([data[0] ^ 1]) + data[1:]
        first = int(x.headers.get("Range", "bytes=0-")[6:-1])
        x.send_response(206 if first else 200)
        x.send_header("Content-Length", str(len(data) - first))
        if first:
            x.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        x.end_headers()
        most = self.break_after.pop(path, len(data))
        for at in range(first, min(len(data), first + most), 65536):
            try:
                x.wfile.write(data[at:min(at + 65536, first + most)])
            except OSError:
                return None
            time.sleep(self.slow)
        if most < len(data) - first:
            x.close_connection = True
        return None

    def send(self, x, status, body):
        x.send_response(status)
        x.send_header("Content-Length", str(len(body)))
        x.end_headers()
        x.wfile.write(body)


FILES = {
    "diffusion_pytorch_model.safetensors": os.urandom(700_000),
    "models_t5_umt5-xxl-enc-bf16.pth": os.urandom(300_000),
    "Wan2.1_VAE.pth": os.urandom(50_000),
    "google/umt5-xxl/spiece.model": os.urandom(2_000),
    "google/umt5-xxl/tokenizer.json": os.urandom(2_000),
    "README.md": b"words",
    "assets/demo.mp4": os.urandom(1_000),
}
WANTED = {p for p in FILES if p.endswith((".safetensors", ".pth", ".model"))}


@pytest.fixture
def hub():
    h = Hub(dict(FILES))
    yield h
    h.close()


def run(*words, data, hub=None, **environment):
    command = [os.environ["ZOETROPE_BIN"], "model", *words, "--data", str(data)]
    if hub:
        command += ["--hub", hub.url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60,
                          env={**os.environ, **environment})


def there(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


@pytest.mark.quick
def test_a_set_comes_with_what_the_networks_read_and_nothing_else(tmp_path, hub):
    done = run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub, HF_TOKEN="hf_secret")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "models" / "wan2.1-t2v-1.3b"
    assert there(folder) == WANTED
    for path in WANTED:
        assert (folder / path).read_bytes() == FILES[path]
    assert str(folder) in done.stdout
    assert "4 files" in done.stderr
    assert "hf_secret" not in done.stdout + done.stderr
    assert all(headers["Authorization"] == "Bearer hf_secret" for _, headers in hub.requests)
    assert not (folder / ".unfinished").exists()
    n = len(hub.requests)
    assert run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub).returncode == 0
    assert len(hub.requests) == n + 1  # the list alone


@pytest.mark.quick
def test_a_pull_that_broke_off_goes_on(tmp_path, hub):
    hub.break_after["diffusion_pytorch_model.safetensors"] = 400_000
    first = run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub)
    assert first.returncode == 1 and "diffusion_pytorch_model" in first.stderr
    second = run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub)
    assert second.returncode == 0, second.stderr
    ranges = [h.get("Range") for p, h in hub.requests if "diffusion" in p]
    assert ranges[0] is None and ranges[1] and ranges[1] != "bytes=0-"
    folder = tmp_path / "models" / "wan2.1-t2v-1.3b"
    assert there(folder) == WANTED


@pytest.mark.quick
def test_a_half_pulled_set_is_no_model_until_the_rest_has_come(tmp_path, hub):
    hub.break_after["models_t5_umt5-xxl-enc-bf16.pth"] = 100_000
    assert run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub).returncode == 1
    assert "begun: pull it again" in run("list", data=tmp_path).stdout
    checked = run("check", str(tmp_path / "models" / "wan2.1-t2v-1.3b"), data=tmp_path)
    assert checked.returncode == 1
    with Server(workers=0, data=tmp_path) as server:
        ids = [m["id"] for m in server.new_client().get("/v1/models").json["data"]]
        assert "video-01" in ids and "wan2.1-t2v-1.3b" not in ids
        refused = server.new_client(model="wan2.1-t2v-1.3b").create("a lake")
        assert "zoetrope model pull wan2.1-t2v-1.3b" in str(refused.json)
    assert run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub).returncode == 0
    assert "(here)" in run("list", data=tmp_path).stdout
    with Server(workers=0, data=tmp_path) as server:
        ids = [m["id"] for m in server.new_client().get("/v1/models").json["data"]]
        assert "wan2.1-t2v-1.3b" in ids


@pytest.mark.quick
def test_a_whole_set_stays_one_when_the_hub_cannot_be_asked(tmp_path, hub):
    assert run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub).returncode == 0
    hub.revision = "gone"
    assert run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub).returncode == 1
    assert "(here)" in run("list", data=tmp_path).stdout


@pytest.mark.quick
def test_a_token_is_shown_to_the_hub_and_to_nobody_it_redirects_to(tmp_path, hub):
    hub.away = Hub(dict(FILES))
    try:
        done = run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub, HF_TOKEN="hf_secret")
        assert done.returncode == 0, done.stderr
        assert all(h["Authorization"] == "Bearer hf_secret" for _, h in hub.requests)
        assert len(hub.away.requests) == len(WANTED)
        assert not any("hf_secret" in str(h) for _, h in hub.away.requests)
    finally:
        hub.away.close()


@pytest.mark.quick
def test_a_token_that_is_none_is_refused_and_not_shown(tmp_path, hub):
    done = run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub, HF_TOKEN="hf_se\nX: cret")
    assert done.returncode == 1 and "token" in done.stderr
    assert "cret" not in done.stderr and not hub.requests


@pytest.mark.quick
def test_names_with_characters_of_their_own_in_a_url_come_too(tmp_path, hub):
    hub.files = {"a b/ü#1?x=%41&.gguf": os.urandom(500), "plain.gguf": os.urandom(500)}
    hub.revision = "refs%2Fpr%2F1"
    done = run("pull", f"{REPOSITORY}:*.gguf", "--to", str(tmp_path / "x"), "--revision", "refs/pr/1",
               data=tmp_path, hub=hub)
    assert done.returncode == 0, done.stderr
    assert there(tmp_path / "x") == set(hub.files)


@pytest.mark.quick
def test_a_hub_beyond_this_machine_is_asked_over_https_alone(tmp_path):
    done = run("pull", "wan2.1-t2v-1.3b", "--hub", "http://192.0.2.1", data=tmp_path, HF_TOKEN="hf_x")
    assert done.returncode == 1 and "must be https" in done.stderr


@pytest.mark.quick
def test_other_bytes_than_the_hub_lists_never_become_a_file(tmp_path, hub):
    hub.spoil.add("Wan2.1_VAE.pth")
    done = run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub)
    assert done.returncode == 1 and "SHA-256" in done.stderr
    assert "Wan2.1_VAE.pth" not in there(tmp_path / "models" / "wan2.1-t2v-1.3b")


def test_an_interrupted_pull_keeps_what_came(tmp_path, hub):
    hub.slow = 0.2
    command = [os.environ["ZOETROPE_BIN"], "model", "pull", "wan2.1-t2v-1.3b", "--data",
               str(tmp_path), "--hub", hub.url]
    p = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    part = tmp_path / "models" / "wan2.1-t2v-1.3b" / "diffusion_pytorch_model.safetensors.part"
    until = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size > 0) and time.monotonic() < until:
        time.sleep(0.02)
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=30)
    assert p.returncode == 1 and "cancelled" in err.lower()
    assert part.stat().st_size > 0
    hub.slow = 0
    assert run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub).returncode == 0


@pytest.mark.quick
def test_files_of_any_repository_come_by_their_pattern(tmp_path, hub):
    done = run("pull", f"{REPOSITORY}:*.json", "--to", str(tmp_path / "x"), data=tmp_path, hub=hub)
    assert done.returncode == 0, done.stderr
    assert there(tmp_path / "x") == {"google/umt5-xxl/tokenizer.json"}


@pytest.mark.quick
@pytest.mark.parametrize("path", ["../../outside.pth", "/etc/outside.pth", "a//b.pth", "./a.pth"])
def test_a_hub_cannot_write_outside_of_the_folder(tmp_path, hub, path):
    hub.files = {path: os.urandom(200)}
    done = run("pull", f"{REPOSITORY}:*.pth", "--to", str(tmp_path / "x" / "y"), data=tmp_path, hub=hub)
    assert done.returncode == 1 and "cannot be" in done.stderr
    assert not list(tmp_path.rglob("outside.pth"))


@pytest.mark.quick
@pytest.mark.parametrize("path", ["\x1b]0;mine\a.pth", "a\u009b2J.pth", "a\x7f.pth", "a\nb.pth"])
def test_a_hub_cannot_speak_to_the_terminal(tmp_path, hub, path):
    hub.files = {path: os.urandom(200)}
    done = run("pull", f"{REPOSITORY}:*.pth", "--to", str(tmp_path / "x"), data=tmp_path, hub=hub)
    assert done.returncode == 1 and "cannot be" in done.stderr
    assert not set("\x1b\a\u009b\x7f") & set(done.stderr)


@pytest.mark.quick
def test_more_than_the_disk_has_room_for_is_refused_with_both_numbers(tmp_path, hub):
    real = hub.listing
    hub.listing = lambda: real().replace(b'"size": 700000', b'"size": 9000000000000000')
    done = run("pull", "wan2.1-t2v-1.3b", data=tmp_path, hub=hub)
    assert done.returncode == 1
    assert "9000000.0 GB" in done.stderr and "room for" in done.stderr


@pytest.mark.quick
def test_sizes_that_no_sum_can_hold_are_refused(tmp_path, hub):
    hub.listing = lambda: json.dumps([{"type": "file", "path": f"{i}.pth", "size": 2 ** 63 - 1}
                                      for i in range(3)]).encode()
    done = run("pull", f"{REPOSITORY}:*.pth", "--to", str(tmp_path / "x"), data=tmp_path, hub=hub)
    assert done.returncode == 1 and "cannot be" in done.stderr, done.stderr
    assert "runtime error" not in done.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.quick
def test_what_cannot_be_pulled_is_said(tmp_path, hub):
    assert "no set wan9" in run("pull", "wan9", data=tmp_path, hub=hub).stderr
    missing = run("pull", "Nobody/Nothing", data=tmp_path, hub=hub)
    assert missing.returncode == 1 and "404" in missing.stderr
    none = run("pull", f"{REPOSITORY}:*.bin", data=tmp_path, hub=hub)
    assert none.returncode == 1 and "*.bin" in none.stderr
    assert run("pull", data=tmp_path).returncode == 2
    assert run("dance", data=tmp_path).returncode == 2


@pytest.mark.quick
def test_the_list_shows_models_and_sets(tmp_path):
    done = run("list", data=tmp_path)
    assert done.returncode == 0
    assert "video-01" in done.stdout and "storyboard" in done.stdout
    assert "wan2.2-ti2v-5b" in done.stdout
