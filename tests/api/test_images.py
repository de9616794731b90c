"""First frames: every rule from both sides, every kind of file, and what the video makes of them."""
import io
import struct
import zlib

import numpy
import pytest
from PIL import Image

from support import pictures
from support.client import LEGACY, UNIVERSAL, issues
from support.pictures import (GREY, GREY_ALPHA, PALETTE, RGB, RGBA, chunk, data_uri, expected_frame,
                              frames, grey, header, jpeg, over_white, png, psnr, ramp, scene,
                              simple_png)
from support.server import Server

quick = pytest.mark.quick


# ---- refused before the job is accepted -----------------------------------------------------------

def truncated(data, share):
    return data[:int(len(data) * share)]


def other_formats():
    picture = Image.fromarray(scene(400, 400))
    for name in ("GIF", "BMP", "WEBP", "TIFF"):
        out = io.BytesIO()
        picture.save(out, name)
        yield name, out.getvalue()
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"/>'
    yield "text", b"This is no picture at all, whatever its name says. " * 10
    yield "a png's name alone", b"\x89PNG\r\n\x1a"
    yield "nothing but a magic", pictures.MAGIC
    yield "JPEG's magic alone", b"\xff\xd8\xff"
    yield "an MP4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100)


def refused():
    small = simple_png(300, 400)
    yield "shorter side 300 wide", small, ["300"]
    yield "shorter side 300 high", jpeg(scene(400, 300)), ["300"]
    yield "200 px", simple_png(200, 200), ["200 px", "300"]
    yield "1 px", simple_png(1, 1), ["1 px"]
    yield "exactly 2:5", simple_png(400, 1000), ["2:5"]
    yield "exactly 5:2", simple_png(1000, 400), ["5:2"]
    yield "narrower than 2:5", jpeg(scene(401, 1003)), ["2:5"]
    yield "wider than 5:2", jpeg(scene(1003, 401)), ["5:2"]
    yield "too small and too wide", simple_png(900, 200), ["200 px", "5:2"]
    yield "turned by EXIF it is 300 high", pictures.with_orientation(jpeg(scene(300, 500)), 6), ["300"]
    yield "20 MB and a byte, PNG", pictures.png_of_size(simple_png(400, 400), 20_000_001), ["20"]
    yield "20 MB and a byte, JPEG", pictures.jpeg_of_size(jpeg(scene(400, 400)), 20_000_001), ["20"]
    for share in (0.02, 0.5, 0.99):
        yield f"a JPEG cut at {share}", truncated(jpeg(scene(400, 400)), share), []
        yield f"a PNG cut at {share}", truncated(simple_png(400, 400), share), []
    yield "a PNG without its last byte", simple_png(400, 400)[:-1], []
    yield "a JPEG without its last byte", jpeg(scene(400, 400))[:-1], []
    broken = bytearray(simple_png(400, 400))
    broken[20] ^= 1
    yield "a PNG header that is not its checksum's", bytes(broken), []
    broken = bytearray(simple_png(400, 400))
    broken[1000] ^= 1
    yield "a PNG whose data is not its checksum's", bytes(broken), []
    tiny = zlib.compress(bytes(100))
    for width, height in ((60000, 60000), (2**31 - 1, 2**31 - 1), (0, 400), (400, 0),
                          (2**32 - 1, 1000), (20001, 20001)):
        yield (f"a PNG bomb of {width}x{height}",
               pictures.MAGIC + header(width, height) + chunk(b"IDAT", tiny) + chunk(b"IEND"), [])
    data = jpeg(scene(400, 400))
    at = data.index(b"\xff\xc0") + 5
    for width, height in ((65500, 65500), (0, 400), (400, 0)):
        yield (f"a JPEG bomb of {width}x{height}",
               data[:at] + struct.pack(">HH", height, width) + data[at + 4:], [])
    bad = pictures.MAGIC + chunk(b"IHDR", struct.pack(">IIBBBBB", 400, 400, 3, 2, 0, 0, 0))
    yield "a PNG of a depth that is none", bad + chunk(b"IDAT", tiny) + chunk(b"IEND"), []
    bad = pictures.MAGIC + chunk(b"IHDR", struct.pack(">IIBBBBB", 400, 400, 8, 5, 0, 0, 0))
    yield "a PNG of a colour type that is none", bad + chunk(b"IDAT", tiny) + chunk(b"IEND"), []
    yield "a PNG without data", pictures.MAGIC + header(400, 400) + chunk(b"IEND"), []
    yield "a PNG whose header comes late", pictures.MAGIC + chunk(b"tEXt", b"a\0b") \
        + simple_png(400, 400)[8:], []
    yield "a PNG chunk that is longer than the file", pictures.MAGIC + header(400, 400) \
        + struct.pack(">I", 2**31 - 1) + b"IDAT" + b"x", []
    for name, data in other_formats():
        yield name, data, []


REFUSED = list(refused())


@quick
@pytest.mark.parametrize("name, data, words", REFUSED, ids=[r[0] for r in REFUSED])
def test_a_bad_image_is_refused_with_what_was_measured(api, name, data, words):
    for route, field in ((UNIVERSAL, "image_url"), (LEGACY, "first_frame_image")):
        found = issues(api.create(route=route, **{field: data_uri(data, "image/png")}))
        assert found and all(i["path"] == [field] for i in found), found
        for word in words:
            assert any(word in i["message"] for i in found), (word, found)
        if len(words) < 2 or route == LEGACY:
            break
    assert api.jobs() == []


@quick
def test_each_broken_rule_is_an_issue_of_its_own(api):
    found = issues(api.create(image_url=data_uri(simple_png(900, 200))))
    assert len(found) == 2, found
    assert any("shorter side is 200 px, must exceed 300" in i["message"] for i in found), found


@quick
@pytest.mark.parametrize("text", [
    "data:image/png;base64,", "data:image/png;base64,!!!!", "data:image/png,%89PNG", "data:",
    "data:image/png;base64", "iVBORw0KGgo", "####", "data:image/png;base64,iVBORw0KGgo=A"])
def test_base64_that_is_none_is_refused(api, text):
    found = issues(api.create(image_url=text))
    assert [i["path"] for i in found] == [["image_url"]]


@quick
def test_an_image_and_other_faults_are_told_together(api):
    answer = api.create("x" * 2001, image_url=data_uri(simple_png(200, 400)), enhance_prompt="y")
    assert {i["path"][0] for i in issues(answer)} == {"prompt", "image_url", "enhance_prompt"}


@quick
def test_just_inside_every_limit(api):
    for width, height in ((301, 301), (301, 752), (752, 301), (401, 1002), (1002, 401)):
        assert api.create(image_url=data_uri(simple_png(width, height))).status == 200, (width, height)
        assert api.create(image_url=data_uri(jpeg(scene(width, height)))).status == 200
    for data in (pictures.png_of_size(simple_png(400, 400), 20_000_000),
                 pictures.jpeg_of_size(jpeg(scene(400, 400)), 20_000_000)):
        assert api.create(image_url=data_uri(data)).status == 200


@quick
@pytest.mark.parametrize("form", [
    lambda d: data_uri(d, "image/png"), lambda d: data_uri(d, "image/jpg"),
    lambda d: data_uri(d, "IMAGE/JPEG"), lambda d: data_uri(d).replace("data:", "DATA:"),
    lambda d: data_uri(d, "image/jpeg;name=a.jpg"), pictures.bare,
    lambda d: pictures.bare(d).rstrip("=")])
def test_every_way_to_write_base64(api, form):
    for size in (400, 401, 402, 403):
        answer = api.create(image_url=form(jpeg(scene(size, 400))))
        assert answer.status == 200, answer


# ---- accepted: the first frame is the image --------------------------------------------------------

def widen(samples, depth):
    """Samples of a depth as 8 bit."""
    return numpy.rint(samples.astype(float) * 255 / (2 ** depth - 1)).astype(numpy.uint8)


def triple(one):
    return numpy.repeat(one[:, :, None], 3, axis=2)


def deep(rgb):
    """8 bit as 16, with something in the lower byte."""
    return rgb.astype(numpy.uint16) * 257


def greys():
    base = grey(scene(720, 720))
    for depth in (1, 2, 4, 8):
        coarse = base if depth > 2 else numpy.repeat(numpy.repeat(base[::180, ::180], 180, 0), 180, 1)
        samples = (coarse.astype(int) * (2 ** depth - 1) + 127) // 255
        for interlaced in (False, True):
            if interlaced and depth in (2, 4):
                continue
            yield (f"PNG grey {depth} bit{', interlaced' * interlaced}",
                   png(samples, GREY, depth, interlaced), triple(widen(samples, depth)))
    yield "PNG grey 16 bit", png(deep(base), GREY, 16), triple(base)


def palettes():
    for depth in (1, 2, 4, 8):
        n = 2 ** depth
        colours = numpy.stack([numpy.linspace(30, 220, n), numpy.linspace(200, 90, n),
                               numpy.linspace(120, 140, n)], axis=1).round().astype(numpy.uint8)
        block = 180 if depth < 3 else 1
        base = grey(scene(720, 720, 1))[::block, ::block]
        index = numpy.repeat(numpy.repeat(base.astype(int) * n // 256, block, 0), block, 1)
        table = chunk(b"PLTE", colours.tobytes())
        yield f"PNG palette {depth} bit", png(index, PALETTE, depth, before=[table]), colours[index]
        if depth == 8:
            alpha = numpy.linspace(255, 0, n).round().astype(numpy.uint8)
            yield ("PNG palette with transparency",
                   png(index, PALETTE, depth, before=[table, chunk(b"tRNS", alpha.tobytes())]),
                   over_white(colours[index], alpha[index] / 255.0))
            yield ("PNG palette, interlaced", png(index, PALETTE, depth, True, before=[table]),
                   colours[index])


def colours():
    rgb = scene(720, 720, 2)
    alpha = ramp(720, 720)
    alpha8 = numpy.rint(alpha * 255).astype(numpy.uint8)
    yield "PNG RGB 8 bit", png(rgb, RGB), rgb
    yield "PNG RGB 8 bit, interlaced", png(rgb, RGB, 8, True), rgb
    yield "PNG RGB 16 bit", png(deep(rgb), RGB, 16), rgb
    yield "PNG RGBA 8 bit", png(numpy.dstack([rgb, alpha8]), RGBA), over_white(rgb, alpha8 / 255.0)
    yield ("PNG RGBA 16 bit, interlaced", png(numpy.dstack([deep(rgb), deep(alpha8)]), RGBA, 16, True),
           over_white(rgb, alpha8 / 255.0))
    yield ("PNG grey with alpha", png(numpy.dstack([grey(rgb), alpha8]), GREY_ALPHA),
           over_white(triple(grey(rgb)), alpha8 / 255.0))
    yield ("PNG grey with alpha, 16 bit", png(numpy.dstack([deep(grey(rgb)), deep(alpha8)]), GREY_ALPHA, 16),
           over_white(triple(grey(rgb)), alpha8 / 255.0))
    key = rgb.copy()
    key[:360, :360] = (10, 20, 30)
    shown = key.copy()
    shown[:360, :360] = 255
    yield ("PNG RGB with one transparent colour",
           png(key, RGB, before=[chunk(b"tRNS", struct.pack(">HHH", 10, 20, 30))]), shown)
    # an animated PNG: its default image counts
    other = zlib.compress(pictures.rows(255 - rgb, 8))
    control = struct.pack(">IIIIIHHBB", 0, 720, 720, 0, 0, 1, 10, 0, 0)
    second = struct.pack(">IIIIIHHBB", 1, 720, 720, 0, 0, 1, 10, 0, 0)
    yield ("PNG, animated",
           png(rgb, RGB, before=[chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", control)],
               after=[chunk(b"fcTL", second), chunk(b"fdAT", struct.pack(">I", 2) + other)]), rgb)


def photographs():
    rgb = scene(720, 720, 3)
    yield "JPEG baseline", jpeg(rgb), rgb
    yield "JPEG with half the colour", jpeg(rgb, subsampling=2), rgb
    yield "JPEG progressive", jpeg(rgb, progressive=True), rgb
    yield "JPEG grey", jpeg(grey(rgb)), triple(grey(rgb))
    yield "JPEG grey, progressive", jpeg(grey(rgb), progressive=True), triple(grey(rgb))
    cmyk = numpy.dstack([rgb, numpy.full(rgb.shape[:2], 40, numpy.uint8)])
    shown = numpy.rint((255.0 - cmyk[:, :, :3]) * (255.0 - cmyk[:, :, 3:]) / 255).astype(numpy.uint8)
    yield "JPEG CMYK", jpeg(cmyk), shown
    tall = scene(720, 960, 4)
    for orientation in range(1, 9):
        yield (f"JPEG turned {orientation}", pictures.with_orientation(
            jpeg(tall), orientation, "<" if orientation % 2 else ">"),
            pictures.upright(tall, orientation))
    yield "JPEG scaled up", jpeg(scene(301, 301)), scene(301, 301)
    yield "JPEG scaled down", jpeg(scene(1800, 1350, 5)), scene(1800, 1350, 5)
    yield "PNG nearly 2:5", simple_png(301, 752), scene(301, 752)
    yield "PNG nearly 5:2", simple_png(752, 301), scene(752, 301)
    yield ("PNG of 20,000,000 bytes", pictures.png_of_size(simple_png(400, 400), 20_000_000),
           scene(400, 400))


ACCEPTED = [*greys(), *palettes(), *colours(), *photographs()]


@pytest.mark.parametrize("name, data, shown", ACCEPTED, ids=[r[0] for r in ACCEPTED])
def test_the_first_frame_is_the_image(maker, tmp_path, name, data, shown):
    look_at(maker, maker.make("a calm scene", image_url=data_uri(data)), shown, tmp_path)


def look_at(client, id, shown, folder):
    """Hold the first frame of the job's video against the picture that it should be."""
    job = client.completed(id, limit=300)
    path = folder / "film.mp4"
    path.write_bytes(client.download(job).body)
    first = frames(path, 1)[0]
    wanted = expected_frame(shown)
    assert first.shape == wanted.shape, (first.shape, wanted.shape)
    near = psnr(first, wanted)
    assert near >= 35, f"{near:.1f} dB"


def test_bare_base64_gives_the_same_video_as_a_data_uri(maker):
    data = jpeg(scene(400, 400))
    films = [maker.download(maker.completed(maker.make("calm", seed=5, image_url=text))).body
             for text in (data_uri(data), pictures.bare(data))]
    assert films[0] == films[1]


def test_live2d_makes_a_video_of_its_image(maker, tmp_path):
    picture = scene(480, 720, 7)
    id = maker.make("she smiles", model="flash-live", image_url=data_uri(jpeg(picture)))
    look_at(maker, id, picture, tmp_path)


# ---- hostile beyond their structure: the job ends, the worker goes on ------------------------------

def hostile():
    rgb = scene(400, 400)
    bomb = zlib.compress(bytes(200_000_000), 9)
    good = png(rgb, RGB)
    yield "PNG whose data does not inflate", pictures.MAGIC + header(400, 400) \
        + chunk(b"IDAT", b"\x78\x9c" + b"\xff" * 500) + chunk(b"IEND")
    yield "PNG whose data ends early", pictures.MAGIC + header(400, 400) \
        + chunk(b"IDAT", zlib.compress(pictures.rows(rgb, 8)[:1000])) + chunk(b"IEND")
    yield "PNG whose data is far too long", pictures.MAGIC + header(400, 400) \
        + chunk(b"IDAT", bomb) + chunk(b"IEND")
    yield "PNG with a filter that is none", pictures.MAGIC + header(400, 400) \
        + chunk(b"IDAT", zlib.compress(b"\x09" * (1201 * 400))) + chunk(b"IEND")
    yield "PNG with a text that inflates to 1 GB", good[:33] + chunk(
        b"zTXt", b"bomb\0\0" + bomb) + good[33:]
    yield "PNG with a profile that inflates without end", good[:33] + chunk(
        b"iCCP", b"bomb\0\0" + bomb) + good[33:]
    yield "PNG palette without colours", png(numpy.zeros((400, 400), int), PALETTE, 8)
    yield "PNG palette with indices beyond it", png(
        numpy.full((400, 400), 200), PALETTE, 8, before=[chunk(b"PLTE", b"abc" * 4)])
    data = bytearray(jpeg(rgb))
    scan = data.index(b"\xff\xda") + 14
    noise = numpy.random.default_rng(1).integers(0, 255, len(data) - scan - 2, numpy.uint8)
    data[scan:-2] = noise.tobytes()
    yield "JPEG with noise for data", bytes(data)
    many = jpeg(rgb, progressive=True)
    at = many.index(b"\xff\xda")
    yield "JPEG with its scans many times over", many[:at] + many[at:-2] * 200 + many[-2:]


HOSTILE = list(hostile())


@pytest.mark.parametrize("name, data", HOSTILE, ids=[r[0] for r in HOSTILE])
def test_a_hostile_image_ends_its_own_job_only(maker, name, data):
    answer = maker.create("a calm scene", image_url=data_uri(data))
    if answer.status == 400:
        return
    assert answer.status == 200, answer
    job = maker.until(answer.json["id"])
    if job["status"] == "error":
        assert job["error"]["name"] == "InvalidImageException", job
        assert maker.transactions() == []


def test_a_whole_film_of_an_image_moves_and_keeps_its_shape(maker, tmp_path):
    picture = scene(1200, 900, 8)
    job = maker.completed(maker.make("the camera comes closer", model="video-01",
                                     image_url=data_uri(jpeg(picture))))
    path = tmp_path / "film.mp4"
    path.write_bytes(maker.download(job).body)
    film = frames(path, step=20)
    assert film.shape == (8, 720, 960, 3), film.shape
    assert psnr(film[0], expected_frame(picture)) >= 35
    moved = [psnr(film[i], film[i + 1]) for i in range(7)]
    assert moved[0] < 60 and max(moved[1:]) < 50, "a film that stands still"  # it begins gently
    assert psnr(film[0], film[-1]) > 8, "a film that has nothing to do with its image"


@pytest.fixture(scope="module")
def of_words():
    with Server(workers=0, config="models:\n  - {id: of-words, text-only: true}\n") as server:
        yield server


@quick
@pytest.mark.parametrize("route,name", [(UNIVERSAL, "image_url"), (LEGACY, "first_frame_image")])
def test_a_model_of_words_says_so_and_refuses_a_first_frame(of_words, route, name):
    api = of_words.client(model="of-words")
    for image in ("https://example.com/a.png", "nonsense"):
        issues = api.create(route=route, **{name: image}).json["error"]["data"]
        assert issues == [{"code": "custom", "path": [name],
                           "message": "Model of-words takes no first frame"}]
    api.make("a fox", route=route)
    rows = {m["id"]: m for m in api.get("/v1/models?include=all", auth=False).json["data"]}
    assert rows["of-words"]["capabilities"] == ["text_to_video"]
    assert rows["of-words"]["modalities"]["input"] == ["text"]
    assert rows["video-01"]["modalities"]["input"] == ["text", "image"]
    found = api.get("/v1/models?input_modalities=image", auth=False).json["data"]
    assert "of-words" not in [m["id"] for m in found]
