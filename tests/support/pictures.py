"""Input images made on the spot, what they should look like as a first frame, and how near it came."""
import base64
import functools
import io
import math
import struct
import subprocess
import zlib

import numpy
from PIL import Image

from support.pace import seconds


@functools.lru_cache(maxsize=None)
def scene(width, height, seed=0):
    """A smooth picture with no symmetry at all: [height, width, 3], 8 bit; only to be read."""
    y, x = numpy.mgrid[0:height, 0:width].astype(float)
    x, y = x / width, y / height
    turn = seed * 0.7
    red = 90 + 110 * x + 40 * numpy.sin(3 * y + turn)
    green = 60 + 130 * y + 30 * numpy.cos(2 * x + turn)
    blue = 200 - 120 * x * y - 30 * numpy.sin(4 * x + turn)
    blob = numpy.exp(-(((x - 0.25) / 0.12) ** 2 + ((y - 0.2) / 0.1) ** 2))
    picture = numpy.stack([red + 60 * blob, green - 40 * blob, blue - 60 * blob], axis=2)
    shown = numpy.clip(numpy.rint(picture), 0, 255).astype(numpy.uint8)
    shown.flags.writeable = False  # the next who asks gets the same
    return shown


def grey(rgb):
    return rgb[:, :, 1]


def over_white(rgb, alpha):
    """rgb with alpha (0..1) in front of white."""
    return numpy.rint(rgb * alpha[:, :, None] + 255.0 * (1 - alpha[:, :, None])).astype(numpy.uint8)


def ramp(height, width):
    """An alpha of all values, (0..1): opaque at the left."""
    return numpy.tile(numpy.linspace(1, 0, width), (height, 1))


# ---- JPEG -----------------------------------------------------------------------------------------

def jpeg(pixels, **options):
    """A JPEG of [h, w], [h, w, 3] or, as CMYK, [h, w, 4]."""
    mode = {2: "L", 3: "RGB"}.get(pixels.ndim if pixels.ndim == 2 else pixels.shape[2], "CMYK")
    out = io.BytesIO()
    options.setdefault("quality", 95)
    if mode == "RGB":
        options.setdefault("subsampling", 0)
    Image.fromarray(pixels, mode).save(out, "JPEG", **options)
    return out.getvalue()


def segment(marker, payload):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(payload) + 2) + payload


def with_segments(data, *segments):
    """The JPEG with segments right behind its start."""
    return data[:2] + b"".join(segments) + data[2:]


def with_orientation(data, orientation, order="<"):
    """The JPEG with an EXIF orientation, in either byte order."""
    tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    tiff += struct.pack(order + "H", 1)
    tiff += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(order + "I", 0)
    return with_segments(data, segment(0xe1, b"Exif\0\0" + tiff))


def upright(rgb, orientation):
    """How stored pixels are to be shown, by EXIF's own table of where row 0 and column 0 are."""
    flip_y, flip_x = rgb[::-1], rgb[:, ::-1]
    turned = rgb.transpose(1, 0, 2)
    return {1: rgb, 2: flip_x, 3: rgb[::-1, ::-1], 4: flip_y, 5: turned, 6: turned[:, ::-1],
            7: turned[::-1, ::-1], 8: turned[::-1]}[orientation]


def jpeg_of_size(data, size):
    """The same picture in a file of exactly size bytes, filled up with comments."""
    missing = size - len(data)
    fills = []
    while missing:
        n = min(missing, 60000)
        if 0 < missing - n < 4:
            n -= 4
        fills.append(segment(0xfe, b"." * (n - 4)))
        missing -= n
    out = with_segments(data, *fills)
    assert len(out) == size
    return out


# ---- PNG ------------------------------------------------------------------------------------------

MAGIC = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2))


def chunk(name, data=b""):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def rows(samples, depth):
    """Scan lines without filter of samples [h, w, channels]."""
    height = samples.shape[0]
    flat = samples.reshape(height, -1)
    if depth == 16:
        lines = flat.astype(">u2").view(numpy.uint8).reshape(height, -1)
    elif depth == 8:
        lines = flat.astype(numpy.uint8)
    else:
        bits = (flat[:, :, None].astype(int) >> numpy.arange(depth - 1, -1, -1)) & 1
        lines = numpy.packbits(bits.reshape(height, -1).astype(numpy.uint8), axis=1)
    return numpy.hstack([numpy.zeros((height, 1), numpy.uint8), lines]).tobytes()


def header(width, height, depth=8, kind=RGB, interlaced=False):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced)))


def png(samples, kind, depth=8, interlaced=False, before=(), after=(), level=6):
    """A PNG of raw samples [h, w] or [h, w, channels]; before, after: chunks around the data."""
    samples = samples[:, :, None] if samples.ndim == 2 else samples
    height, width = samples.shape[:2]
    if interlaced:
        parts = [samples[y0::dy, x0::dx] for x0, y0, dx, dy in ADAM7]
        data = b"".join(rows(p, depth) for p in parts if p.shape[0] and p.shape[1])
    else:
        data = rows(samples, depth)
    return (MAGIC + header(width, height, depth, kind, interlaced) + b"".join(before)
            + chunk(b"IDAT", zlib.compress(data, level)) + b"".join(after) + chunk(b"IEND"))


def png_of_size(data, size):
    """The same picture in a file of exactly size bytes, filled up with a private chunk."""
    fill = size - len(data) - 12
    assert fill >= 0
    at = len(MAGIC) + 25
    out = data[:at] + chunk(b"teSt", b"." * fill) + data[at:]
    assert len(out) == size
    return out


def simple_png(width, height):
    return png(scene(width, height), RGB)


# ---- as requests carry them -----------------------------------------------------------------------

def bare(data):
    return base64.b64encode(data).decode()


def data_uri(data, type=None):
    type = type or ("image/png" if data.startswith(MAGIC) else "image/jpeg")
    return f"data:{type};base64,{bare(data)}"


# ---- out of the video -----------------------------------------------------------------------------

def frames(path, count=None, step=1):
    """Decoded frames as [n, height, width, 3], by ffmpeg, from BT.709 limited range."""
    probe = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
                            "stream=width,height", "-of", "csv=p=0", str(path)],
                           stdout=subprocess.PIPE, check=True, text=True).stdout
    width, height = map(int, probe.strip().split(","))
    filters = "scale=in_color_matrix=bt709:in_range=tv:out_range=pc:flags=accurate_rnd+full_chroma_int"
    if step > 1:
        filters = f"select=not(mod(n\\,{step}))," + filters
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-vf", filters, "-vsync", "0",
                          *(["-frames:v", str(count)] if count else []),
                          "-pix_fmt", "rgb24", "-f", "rawvideo", "-"],
                         stdout=subprocess.PIPE, check=True, timeout=seconds(120)).stdout
    return numpy.frombuffer(raw, numpy.uint8).reshape(-1, height, width, 3)


def psnr(a, b):
    """Peak signal to noise in dB of two 8-bit pictures of one size."""
    assert a.shape == b.shape, (a.shape, b.shape)
    error = numpy.mean((a.astype(float) - b.astype(float)) ** 2)
    return 99.0 if error == 0 else 10 * numpy.log10(255.0 ** 2 / error)


def video_size(width, height):
    """Short side 720, long side in proportion, to the nearest multiple of 16 (of two, the less)."""
    short, long = min(width, height), max(width, height)
    side = math.ceil(long * 720 / short / 16 - 0.5) * 16
    return (side, 720) if width >= height else (720, side)


def expected_frame(rgb):
    """The picture as a first frame should show it."""
    size = video_size(rgb.shape[1], rgb.shape[0])
    if size == (rgb.shape[1], rgb.shape[0]):
        return rgb
    return numpy.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS))
