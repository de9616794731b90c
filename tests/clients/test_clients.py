"""The published programs, run as they are against the real program; only addresses change."""
import ast
import io
import json
import pathlib
import subprocess
import time

import pytest
from PIL import Image

from support import schemas
from support.client import LEGACY
from support.origin import Origin
from support.pace import seconds
from support.pictures import expected_frame, frames, jpeg, psnr, scene
from support.server import environment

PUBLISHED = pathlib.Path(__file__).parent / "published"
IMAGE = "https://upload.wikimedia.org/wikipedia/commons/thumb/a/a9/Cheetah4.jpg/1200px-Cheetah4.jpg"


@pytest.fixture(scope="module")
def origin():
    server = Origin()
    yield server
    server.close()


@pytest.fixture(scope="module")
def picture():
    """1200 px wide and 4:3, like the cheetah of the page."""
    return scene(1200, 900, 11)


@pytest.fixture(scope="module")
def image(origin, picture):
    return origin.add("/1200px-Cheetah4.jpg", jpeg(picture), "image/jpeg")


@pytest.fixture
def client(studio):
    return studio.new_client()


def text_of(name, *pairs):
    """A published file with its placeholders filled in; each must be there."""
    text = (PUBLISHED / name).read_text()
    for old, new in pairs:
        assert old in text, (name, old)
        text = text.replace(old, new)
    return text


def run(program, path):
    done = subprocess.run([program, str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, env=environment(), timeout=seconds(120))
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(folder, name, *pairs):
    path = folder / name
    path.write_text(text_of(name, *pairs))
    out = run("/usr/bin/python3", path)
    word, _, value = out.partition(" ")
    assert word == "Generation:", out
    return ast.literal_eval(value)


def test_the_two_python_programs(client, image, picture, tmp_path):
    host = ("https://api.aimlapi.com", client.server.url)
    key = ("<YOUR_API_KEY>", client.key)
    made = run_python(tmp_path, "create.py", host, key, (IMAGE, image))
    schemas.created(made)
    id = made["generation_id"]
    end = time.monotonic() + seconds(180)
    while True:  # "rerun the second code block"
        got = run_python(tmp_path, "retrieve.py", host, key, ("<GENERATION_ID>", id))
        schemas.polled(got)
        assert got["id"] == id
        if got["status"] not in ("queued", "generating"):
            break
        assert time.monotonic() < end, got
        time.sleep(0.5)
    assert got["status"] == "completed", got
    path = tmp_path / "cheetah.mp4"
    path.write_bytes(client.download(got).body)
    film = frames(path, step=140)
    assert film.shape == (2, 720, 960, 3), "the page says: original 960x720px"
    assert psnr(film[0], expected_frame(picture)) >= 35


def test_the_javascript_program(client, tmp_path):
    path = tmp_path / "create.js"
    path.write_text(text_of("create.js", ("https://api.aimlapi.com", client.server.url),
                            ("<YOUR_API_KEY>", client.key)))
    made = json.loads(run("node", path))
    schemas.created(made)
    job = client.completed(made["id"])
    assert "dragon" in job["meta"]["prompt"]
    film = client.download(job)
    assert film.status == 200 and film.header("Content-Type") == "video/mp4"
    path = tmp_path / "dragon.mp4"
    path.write_bytes(film.body)
    assert frames(path, step=140).shape == (2, 720, 1280, 3)


def as_sent(text, compact=None):
    """The bytes of a printed request: lines end in CRLF, the body stands as it was measured."""
    head, _, body = text.rstrip("\n").partition("\n\n")
    body = (compact if compact is not None else body).encode()
    return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


def send(client, data):
    with client.wire() as wire:
        wire.send(data)
        return wire.answer()


def compact(text):
    return json.dumps(json.loads(text.partition("\n\n")[2]), separators=(",", ":"))


def test_the_raw_requests_to_the_byte(client):
    """Its Content-Length included: 102 is that of the compact body."""
    text = text_of("create.http", ("<YOUR_AIMLAPI_KEY>", client.key))
    assert len(compact(text)) == 102
    answer = send(client, as_sent(text, compact(text)))
    assert answer.status == 200, answer
    schemas.created(answer.json)
    id = answer.json["generation_id"]
    text = text_of("retrieve-with-id.http", ("YOUR_SECRET_TOKEN", client.key), ("222226666699999", id))
    answer = send(client, as_sent(text))
    assert answer.status == 200, answer
    schemas.polled(answer.json)
    client.cancel(id)  # https://example.com is no image


def test_the_raw_request_with_an_image_ends_in_a_video(client, origin, tmp_path):
    out = io.BytesIO()
    Image.fromarray(scene(480, 480, 12)).save(out, "PNG")
    url = origin.add("/first.png", out.getvalue())
    text = text_of("create.http", ("<YOUR_AIMLAPI_KEY>", client.key), ("https://example.com", url))
    body = compact(text)
    text = text.replace("Content-Length: 102", f"Content-Length: {len(body)}")
    answer = send(client, as_sent(text, body))
    assert answer.status == 200, answer
    job = client.completed(answer.json["id"])
    path = tmp_path / "film.mp4"
    path.write_bytes(client.download(job).body)
    assert frames(path, 1).shape == (1, 720, 720, 3)


def test_the_raw_request_that_lacks_its_id_is_told_so(client):
    answer = send(client, as_sent(text_of("retrieve.http", ("<YOUR_AIMLAPI_KEY>", client.key))))
    assert answer.status == 400
    assert answer.json["error"]["data"][0]["path"] == ["generation_id"]
    # the id of the page is nobody's here
    text = text_of("retrieve-with-id.http", ("YOUR_SECRET_TOKEN", client.key))
    assert send(client, as_sent(text)).status == 404


def test_keys_as_printed_are_refused_with_a_hint(studio):
    client = studio.client()
    for name in ("create.http", "retrieve.http", "retrieve-with-id.http"):
        text = text_of(name)
        body = compact(text) if name == "create.http" else None
        answer = send(client, as_sent(text, body))
        assert answer.status == 401, (name, answer)
        assert answer.json["message"].startswith("This request requires a valid API key.")


def test_the_habits_of_clients_in_the_wild(client):
    """Extra fields and headers, a body on GET, polls by path, ids percent-encoded."""
    answer = client.create("a fox", headers={"X-Title": "n8n", "HTTP-Referer": "https://n8n.example"},
                           aspect_ratio="16:9", duration=6, negative_prompt="", resolution="768P")
    assert answer.status == 200, answer
    id = answer.json["generation_id"]
    assert client.get(LEGACY, params={"generation_id": id}, body=b"{}").status == 200
    assert client.get(f"/v2/video/generations/{id}").status == 200
    escaped = "".join(f"%{ord(c):02X}" for c in id)
    assert client.get(f"/v2/video/generations?generation_id={escaped}").status == 200
    assert client.get(f"/v2/video/generations/{escaped}").status == 200
    client.cancel(id)
