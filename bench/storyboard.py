"""storyboard - POST to completed on the real server, against x264 alone on the same frames.

The peer encodes what bench/frames draws for the same prompt and seed, with the settings of
src/media/mp4.c, from a file in memory to nowhere. A film over a picture has a second peer:
ffmpeg's zoompan, which enlarges the same picture step by step, one flat sheet, and encodes as
many frames with the same settings into an MP4.
"""
import base64
import re
import resource
import struct
import time
import zlib

import rig
from result import Result

BAR = ("<=", 2.0)
FPS = 25


def encoder_settings():
    """As options of the x264 program, from the source itself so that they cannot differ."""
    text = "".join((rig.TOP / "src" / "media" / name).read_text() for name in ("mp4.h", "mp4.c"))

    def find(pattern):
        found = re.search(pattern, text)
        if not found:
            raise rig.Trouble(f"src/media/mp4 does not say {pattern}")
        return found.group(1)
    settings = ["--preset", find(r'MP4_PRESET\s+"(\w+)"'), "--crf", find(r"MP4_CRF\s+(\d+)"),
                "--threads", find(r"ENCODER_THREADS = (\d+)"),
                "--keyint", str(int(find(r"KEY_SECONDS = (\d+)")) * FPS), "--profile", "high"]
    return settings + (["--cpu-independent"] if "cpu-independent=1" in text else [])


def png(width, height):
    """A picture with smooth parts, edges and a little grain, as a photograph has."""
    seed, rows = 1, []
    for y in range(height):
        row = bytearray(b"\0")
        for x in range(width):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            grain = (seed >> 16) % 7
            hill = y > height * 0.6 + 40 * ((x // 64) % 3)
            row += bytes((40 + (x * 120) // width + grain, 60 + (y * 150) // height + grain,
                          (90 if hill else 200) + grain))
        rows.append(bytes(row))

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"".join(rows), 1)) + chunk(b"IEND", b""))


def x264(y4m):
    """Seconds, seconds of processor time, frames and bytes of the encoder alone."""
    before, began = children_seconds(), time.monotonic()
    done = rig.run("x264", *encoder_settings(), "--demuxer", "y4m", "--muxer", "raw", "-o", "/dev/null",
                   y4m)
    seconds, used = time.monotonic() - began, children_seconds() - before
    found = re.search(r"encoded (\d+) frames, [\d.]+ fps, ([\d.]+) kb/s", done.stderr)
    n = int(found.group(1))
    return seconds, used, n, float(found.group(2)) * 125 * n / FPS


def zoompan(picture, mp4, n_frames):
    """Seconds and seconds of processor time of ffmpeg's film over the same picture."""
    settings = encoder_settings()
    options = dict(zip(settings[0:6:2], settings[1:6:2]))
    before, began = children_seconds(), time.monotonic()
    rig.run("ffmpeg", "-v", "error", "-y", "-loop", "1", "-i", picture, "-vf",
            f"zoompan=z='1+0.0012*on':d={n_frames}:s=1280x720:fps={FPS},format=yuv420p",
            "-frames:v", str(n_frames), "-c:v", "libx264", "-preset", options["--preset"], "-crf",
            options["--crf"], "-threads", options["--threads"], mp4)
    return time.monotonic() - began, children_seconds() - before


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def one_film(r, name, rounds, fields, image):
    server = r.serve("--workers", "1")
    client = server.client()
    y4m = r.folder / "frames.y4m"
    ours, theirs, drawing, sizes, zooming = [], [], [], [], []
    for i in range(rounds + 1):
        rig.settle()
        before, began = rig.processor_seconds(server.pid), time.monotonic()
        said = client.make_video(**fields)
        seconds, used = time.monotonic() - began, rig.processor_seconds(server.pid) - before
        meta = said["meta"]
        drawn = rig.program("frames", meta["prompt"], meta["seed"], y4m, *([image] if image else []))
        peer_seconds, peer_used, n_frames, peer_bytes = x264(y4m)
        zoomed = zoompan(image, r.folder / "zoompan.mp4", n_frames) if image else None
        if n_frames != drawn["frames"]:
            raise rig.Trouble(f"x264 encoded {n_frames} of {drawn['frames']} frames")
        if i == 0:
            continue  # the first warms caches for both
        video = client.raw(said["video"]["url"].removeprefix(server.url))[2]
        ours.append((seconds, used))
        theirs.append((peer_seconds, peer_used))
        zooming.append(zoomed)
        drawing.append(drawn["draw_s"])
        sizes.append(len(video) / peer_bytes)
    y4m.unlink()
    client.close()
    r.stop(server)
    for i, (what, bar) in enumerate((("", BAR), (": processor time", None))):
        a, b = [x[i] for x in ours], [x[i] for x in theirs]
        yield Result(name + what, "s", a, "x264 alone", b, [x / y for x, y in zip(a, b)], bar,
                     note="" if i else f"bytes {sum(sizes) / len(sizes):.2f} x x264's")
    for i, what in enumerate(("", ": processor time")):
        if image:
            a, b = [x[i] for x in ours], [x[i] for x in zooming]
            yield Result(f"{name} beside zoompan{what}", "s", a, "ffmpeg zoompan", b,
                         [x / y for x, y in zip(a, b)], None)
    yield Result(f"{name}: drawing alone", "s", drawing, "x264 alone", [x[0] for x in theirs],
                 [x / y[0] for x, y in zip(drawing, theirs)])


def kernels():
    """Each inner loop, the best set that runs here against plain C."""
    for case in rig.program("kernels")["cases"]:
        plain, (best, value) = case["sets"]["plain"], list(case["sets"].items())[-1]
        yield Result(f"kernel {case['name']}: {best}", "ns", [value], "plain C", [plain], [value / plain])


def measure(r, rounds):
    yield from kernels()
    yield from one_film(r, "storyboard, text", rounds, {"prompt": rig.PROMPT}, None)
    picture = png(1280, 720)
    path = r.folder / "first.png"
    path.write_bytes(picture)
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    yield from one_film(r, "storyboard, first frame", rounds,
                        {"prompt": rig.PROMPT, "image_url": url}, path)
