"""The video itself: its container, its stream, its pictures, its url."""
import json
import subprocess
import urllib.parse

import numpy
import pytest

from support.client import DRAGON
from support.pictures import frames
from support.server import MODELS


def probe(path):
    out = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format",
                          "-of", "json", str(path)], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(out)


def boxes(data):
    """The top boxes of an MP4, in order."""
    found, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8:at + 16], "big")
        found.append(data[at + 4:at + 8].decode("latin-1"))
        assert size >= 8, found
        at += size
    assert at == len(data), "the last box does not end with the file"
    return found


# One worker of pytest has all of these, so that the dragon is drawn once.
pytestmark = pytest.mark.xdist_group("dragon")


@pytest.fixture(scope="module")
def dragon(studio, tmp_path_factory):
    """The dragon of the published sample: (client, job, path of the video)."""
    client = studio.new_client()
    job = client.completed(client.make(DRAGON, seed=7))
    path = tmp_path_factory.mktemp("dragon") / "dragon.mp4"
    path.write_bytes(client.download(job).body)
    return client, job, path


def test_the_stream_is_as_promised(dragon):
    _, job, path = dragon
    found = probe(path)
    assert len(found["streams"]) == 1, "one video track, no sound"
    video = found["streams"][0]
    assert video["codec_name"] == "h264" and video["profile"] == "High"
    assert (video["width"], video["height"]) == (1280, 720)
    assert video["pix_fmt"] == "yuv420p" and video["codec_tag_string"] == "avc1"
    assert video["r_frame_rate"] == video["avg_frame_rate"] == "25/1"
    assert video["nb_frames"] == video["nb_read_frames"] == "141"
    assert [video.get(k) for k in ("color_space", "color_primaries", "color_transfer", "color_range")] \
        == ["bt709", "bt709", "bt709", "tv"]
    assert video.get("sample_aspect_ratio", "1:1") in ("1:1", "0:1")
    assert float(video["duration"]) == pytest.approx(5.64, abs=1e-6)
    assert float(found["format"]["duration"]) == pytest.approx(5.64, abs=1e-3)
    assert job["duration"] == job["video"]["duration"] == 5.64


def test_the_index_stands_in_front(dragon):
    _, _, path = dragon
    order = boxes(path.read_bytes())
    assert order[0] == "ftyp" and order.index("moov") < order.index("mdat"), order


def test_it_decodes_without_a_complaint(dragon):
    _, _, path = dragon
    done = subprocess.run(["ffmpeg", "-v", "warning", "-xerror", "-i", str(path), "-f", "null", "-"],
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr


def test_the_meta_tells_how_it_was_made(dragon):
    _, job, _ = dragon
    assert job["meta"]["engine"] == "storyboard"
    assert job["meta"]["seed"] == 7
    assert job["meta"]["prompt"].startswith(DRAGON)
    assert job["meta"]["usage"]["credits_used"] == 120000


def test_it_is_neither_black_nor_frozen_nor_noise(dragon):
    """Bounds of brightness, detail and motion, stated here:

    mean luma of each frame within 16..235 of 255; a spread of at least 8 within each frame; at
    least 2 grey levels of mean difference between any frame and the one a second later; none
    between neighbours above 40; and no two neighbours the same.
    """
    _, _, path = dragon
    film = frames(path)
    assert film.shape == (141, 720, 1280, 3)
    luma = film[:, ::4, ::4].astype(numpy.float32) @ numpy.array([0.2126, 0.7152, 0.0722], numpy.float32)
    brightness = luma.mean(axis=(1, 2))
    assert brightness.min() > 16 and brightness.max() < 235, (brightness.min(), brightness.max())
    spread = luma.std(axis=(1, 2))
    assert spread.min() > 8, spread.min()
    step = numpy.abs(luma[1:] - luma[:-1]).mean(axis=(1, 2))
    assert step.min() > 0.02 and step.max() < 40, (step.min(), step.max())
    second = numpy.abs(luma[25:] - luma[:-25]).mean(axis=(1, 2))
    assert second.min() > 2, second.min()
    # neighbouring pixels belong together: it is a picture, not noise
    rough = numpy.abs(luma[:, :, 1:] - luma[:, :, :-1]).mean()
    assert rough < 20, rough
    colours = film[:, ::8, ::8].reshape(141, -1, 3).std(axis=2).mean()
    assert colours > 2, "a film without colour"


def test_the_same_request_gives_the_same_bytes_and_another_seed_another_film(maker):
    one, same, other = [maker.download(maker.completed(id)).body for id in
                        [maker.make(DRAGON, seed=seed, model="reel") for seed in (7, 7, 8)]]
    assert same == one and other != one


def test_without_a_seed_each_film_has_its_own(maker):
    seeds = {maker.completed(id)["meta"]["seed"] for id in [maker.make("an owl") for _ in range(2)]}
    assert len(seeds) == 2


def test_two_prompts_give_two_films(maker):
    films = [maker.download(maker.completed(maker.make(p, seed=3, enhance_prompt=False))).body
             for p in ("a whale in the ocean at night", "a camel in the desert at noon")]
    assert films[0] != films[1]


# ---- its url ----------------------------------------------------------------------------------------

def target(url, **changed):
    """Path and query of the url with some parameters changed; None takes one away."""
    parts = urllib.parse.urlsplit(url)
    query = {**dict(urllib.parse.parse_qsl(parts.query)), **changed}
    query = urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
    return parts.path + ("?" + query if query else "")


def test_the_url_has_the_published_form(dragon):
    client, job, _ = dragon
    parts = urllib.parse.urlsplit(job["video"]["url"])
    assert f"{parts.scheme}://{parts.netloc}" == client.server.url
    import re
    assert re.fullmatch(r"/generations/[a-z]+/\d{13}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.mp4",
                        parts.path), parts.path
    assert set(dict(urllib.parse.parse_qsl(parts.query))) == {"Expires", "Signature"}


def test_the_video_is_served_whole_without_a_key(dragon):
    client, job, path = dragon
    answer = client.download(job)
    assert answer.status == 200 and answer.header("Content-Type") == "video/mp4"
    assert answer.header("Accept-Ranges") == "bytes" and answer.header("ETag")
    assert answer.body == path.read_bytes()
    assert answer.header("Access-Control-Allow-Origin") == "*"


def test_head_tells_without_sending(dragon):
    client, job, path = dragon
    answer = client.download(job, method="HEAD")
    assert answer.status == 200 and answer.body == b""
    assert answer.header("Content-Length") == str(path.stat().st_size)


def test_ranges(dragon):
    client, job, path = dragon
    data = path.read_bytes()
    size = len(data)
    for asked, first, last in (("bytes=0-0", 0, 0), ("bytes=0-99", 0, 99), ("bytes=100-", 100, size - 1),
                               ("bytes=-1", size - 1, size - 1), (f"bytes=-{size * 2}", 0, size - 1),
                               (f"bytes=5-{size * 10}", 5, size - 1)):
        answer = client.download(job, headers={"Range": asked})
        assert answer.status == 206, (asked, answer.status)
        assert answer.header("Content-Range") == f"bytes {first}-{last}/{size}"
        assert answer.body == data[first:last + 1], asked
    for asked in (f"bytes={size}-", "bytes=-0", f"bytes={size * 2}-{size * 3}"):
        answer = client.download(job, headers={"Range": asked})
        assert answer.status == 416, asked
        assert answer.header("Content-Range") == f"bytes */{size}"
    for asked in ("bytes=a-b", "items=0-5", "bytes=5-2", "bytes", "bytes=0-1,5-9", "bytes=--1",
                  "bytes=99999999999999999999999-"):
        answer = client.download(job, headers={"Range": asked})
        assert answer.status in (200, 416), asked
        assert answer.status == 416 or answer.body == data
    answer = client.download(job, method="HEAD", headers={"Range": "bytes=0-99"})
    assert answer.status in (200, 206) and answer.body == b""


def test_a_file_in_parts_is_the_file(dragon):
    client, job, path = dragon
    data, got = path.read_bytes(), b""
    while len(got) < len(data):
        answer = client.download(job, headers={"Range": f"bytes={len(got)}-{len(got) + 99999}"})
        got += answer.body
    assert got == data


def test_conditional_requests(dragon):
    client, job, _ = dragon
    etag = client.download(job, method="HEAD").header("ETag")
    assert client.download(job, headers={"If-None-Match": etag}).status == 304
    assert client.download(job, headers={"If-None-Match": f'"x", {etag}'}).status == 304
    assert client.download(job, headers={"If-None-Match": "*"}).status == 304
    assert client.download(job, headers={"If-None-Match": '"x"'}).status == 200
    assert client.download(job, headers={"If-Range": etag, "Range": "bytes=0-9"}).status == 206
    assert client.download(job, headers={"If-Range": '"x"', "Range": "bytes=0-9"}).status == 200


def test_a_tampered_url_is_403(dragon):
    client, job, _ = dragon
    url = job["video"]["url"]
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    signature, expires = query["Signature"], query["Expires"]
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    for changed in ({"Signature": flipped}, {"Signature": ""}, {"Signature": None}, {"Expires": None},
                    {"Signature": signature[:-2]}, {"Signature": signature + "A"},
                    {"Expires": str(int(expires) + 3600)}, {"Expires": "x"}, {"Expires": "-1"},
                    {"Expires": expires + "0"}, {"Expires": None, "Signature": None}):
        answer = client.get(target(url, **changed), auth=False, check=False)
        assert answer.status == 403, (changed, answer)
        assert answer.type == "application/problem+json"
        assert answer.json["error"]["name"] == "ForbiddenException"
        # a key does not help, and HEAD is no way around
        assert client.get(target(url, **changed), check=False).status == 403
        assert client.request("HEAD", target(url, **changed), check=False).status == 403


def test_the_signature_of_one_video_opens_no_other(dragon):
    client, job, _ = dragon
    url = job["video"]["url"]
    parts = urllib.parse.urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    other = name.replace(name[:13], "1759866285599")
    for path in (f"{folder}/{other}", f"/generations/{name}", f"{folder}/../{folder.split('/')[-1]}/{name}x",
                 "/generations/../key", "/generations/%2e%2e/%2e%2e/key", "/generations/hedgehog/..%2fkey"):
        answer = client.get(f"{path}?{parts.query}", auth=False, check=False)
        assert answer.status in (403, 404), (path, answer)


def test_the_url_stays_the_same_within_the_hour(dragon):
    client, job, _ = dragon
    urls = {client.poll(job["id"]).json["video"]["url"] for _ in range(5)}
    expires = {int(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(u).query))["Expires"]) for u in urls}
    assert len(urls) <= 2, "five polls within seconds may see one full hour pass, not more"
    assert all(e % 3600 == 0 for e in expires)
    for url in urls:
        assert client.download(url).status == 200


def test_an_url_that_expired_is_403_and_a_poll_gives_a_fresh_one(dragon):
    """Signed by the test with the server's own secret, as an hour ago."""
    import base64
    import hashlib
    import hmac
    client, job, _ = dragon
    parts = urllib.parse.urlsplit(job["video"]["url"])
    query = dict(urllib.parse.parse_qsl(parts.query))
    secret = next(p for p in client.server.data.iterdir()
                  if p.is_file() and p.stat().st_size == 32).read_bytes()

    def signed(expires):
        text = f"GET\n{expires}\n{parts.path}".encode()
        mac = hmac.new(secret, text, hashlib.sha256).digest()
        signature = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        return target(job["video"]["url"], Expires=expires, Signature=signature)
    assert signed(query["Expires"]) == target(job["video"]["url"]), "the form that sign.h states"
    old = int(query["Expires"]) - 7 * 24 * 3600
    answer = client.get(signed(str(old)), auth=False, check=False)
    assert answer.status == 403 and "xpire" in answer.json["message"], answer
    assert client.download(client.poll(job["id"]).json).status == 200


def test_the_public_url_is_the_one_that_was_configured(serve):
    server = serve("--public-url", "https://video.example/studio", workers=1, config=MODELS)
    client = server.client(model="flash")
    job = client.completed(client.make("an owl"))
    url = job["video"]["url"]
    assert url.startswith("https://video.example/studio/generations/"), url
    inside = url.replace("https://video.example/studio", server.url)
    assert client.download(inside).status == 200


def test_the_host_of_the_request_is_the_host_of_the_url(dragon):
    client, job, _ = dragon
    from support.wire import request
    for host, good in (("video.example:8080", True), ("[::1]:99", True), ("evil\"host", False),
                       ("a/b", False), ("user@host", False)):
        with client.wire() as wire:
            wire.send(request("GET", f"/v2/video/generations?generation_id={job['id']}", [
                ("Host", host), ("Authorization", f"Bearer {client.key}")]))
            answer = wire.answer()
        if answer.status == 400 and not good:
            continue
        url = answer.json["video"]["url"]
        assert url.startswith(f"http://{host}/") == good, (host, url)


def test_a_poster_and_a_preview_lie_beside_the_video(maker):
    id = maker.make("a red fox")
    meta = maker.completed(id)["meta"]
    poster, preview = maker.download(meta["poster_url"]), maker.download(meta["preview_url"])
    assert (poster.status, poster.type) == (200, "image/jpeg") and poster.body[:3] == b"\xff\xd8\xff"
    assert (preview.status, preview.type) == (200, "video/mp4") and preview.body[4:8] == b"ftyp"
    assert maker.download(meta["preview_url"], headers={"Range": "bytes=0-9"}).status == 206
    assert maker.download(meta["poster_url"].replace("Signature=", "Signature=x")).status == 403
    assert meta["width"] == 320 and meta["fps"] == 25 and meta["bytes"] > 0 and meta["plan"]
    stages = [t["stage"] for t in meta["timings"]]
    assert "drawing" in stages and stages[-1] == "finishing"
    assert maker.cancel(id).status == 200
    for url in (meta["poster_url"], meta["preview_url"]):
        assert maker.download(url).status == 410
