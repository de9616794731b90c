"""Images by address, end to end: what is fetched, what is refused, what a failure costs."""
import pytest

from support import origin as origins
from support.client import LEGACY
from support.origin import Origin, redirect
from support.pictures import jpeg, scene, simple_png
from support.server import MODELS, Server

PRICE = 120000


@pytest.fixture(scope="module")
def origin():
    server = Origin()
    yield server
    server.close()


@pytest.fixture(scope="module")
def closed_studio():
    """A server that makes videos and fetches from public addresses only, as by default."""
    with Server(workers=1, config=MODELS) as server:
        yield server


def failed(client, url, name):
    """The job of this image must end as this error and cost nothing; its message."""
    before = client.balance()
    job = client.until(client.make("a calm scene", image_url=url))
    assert job["status"] == "error", job
    assert job["error"]["name"] == name, job
    assert client.balance() == before
    assert [t for t in client.transactions() if t["reference_id"] == job["id"]] == []
    return job["error"]["message"]


@pytest.fixture
def limited(studio):
    """A key that can pay for one video: credits that are not released show at once."""
    return studio.new_client("--credits", str(PRICE), model="flash")


def test_an_image_by_address_is_fetched_once_and_becomes_the_video(maker, origin, tmp_path):
    from test_images import look_at
    picture = scene(720, 720, 9)
    url = origin.add("/first.jpg?size=large", jpeg(picture), "image/jpeg")
    look_at(maker, maker.make("calm", image_url=url), picture, tmp_path)
    assert origin.paths().count("/first.jpg?size=large") == 1


def test_redirects_are_followed(maker, origin):
    origin.add("/end.png", simple_png(400, 400))
    for i in range(5):
        origin.add(f"/hop{i}", redirect(origin.url(f"/hop{i + 1}" if i < 4 else "/end.png"),
                                        (301, 302, 303, 307, 308)[i]))
    origin.add("/relative", redirect("/end.png"))
    ids = [maker.make("calm", route=LEGACY, first_frame_image=origin.url(p))
           for p in ("/hop0", "/relative")]
    for id in ids:
        maker.completed(id)


def test_the_sixth_redirect_is_too_many(limited, origin):
    for i in range(7):
        origin.add(f"/far{i}", redirect(origin.url(f"/far{i + 1}")))
    origin.add("/far7", simple_png(400, 400))
    failed(limited, origin.url("/far0"), "ImageFetchException")
    origin.add("/loop", redirect(origin.url("/loop")))
    failed(limited, origin.url("/loop"), "ImageFetchException")


def test_what_is_not_there_is_told_with_its_status(limited, origin):
    assert "404" in failed(limited, origin.url("/no-such.png"), "ImageFetchException")
    origin.add("/oops", lambda h: h.give(500, b"oops", "image/png"))
    assert "500" in failed(limited, origin.url("/oops"), "ImageFetchException")
    failed(limited, "http://127.0.0.1:9/closed.png", "ImageFetchException")


def test_no_host_of_that_name(limited):
    failed(limited, "http://no-such-host.invalid/a.png", "ImageFetchException")


def test_broken_answers(limited, origin):
    png = simple_png(400, 400)
    failed(limited, origin.add("/cut", origins.cut(png)), "ImageFetchException")
    failed(limited, origin.add("/reset", origins.reset), "ImageFetchException")
    failed(limited, origin.add("/endless", origins.endless(origin)), "ImageFetchException")
    failed(limited, origin.add("/huge", lambda h: (
        h.send_response(200), h.send_header("Content-Type", "image/png"),
        h.send_header("Content-Length", str(10**12)), h.end_headers())), "ImageFetchException")


def test_slow_answers_are_given_up(serve, origin):
    """Both at once: half a minute is the whole time that an image has."""
    server = serve("--fetch-allow", "127.0.0.0/8", workers=2, config=MODELS)
    client = server.client(model="flash")
    ids = [client.make("calm", image_url=url) for url in (
        origin.add("/drip", origins.dripping(origin)), origin.add("/silent", origins.silent(origin)))]
    for id in ids:
        job = client.until(id)
        assert job["status"] == "error" and job["error"]["name"] == "ImageFetchException", job
    assert client.transactions() == []


@pytest.mark.threads
def test_a_fetch_is_cancelled_like_anything_else(maker, origin):
    id = maker.make("calm", image_url=origin.add("/stuck", origins.silent(origin)))
    maker.until(id, "generating")
    maker.cancel(id)
    maker.completed(maker.make("an owl"))
    assert maker.poll(id).json["error"]["name"] == "CancelledException"


def test_a_page_is_no_image(limited, origin):
    url = origin.add("/page", b"<html>hello</html>", "text/html")
    failed(limited, url, "ImageFetchException")
    url = origin.add("/liar.png", b"<html>hello</html>", "image/png")
    failed(limited, url, "InvalidImageException")


def test_the_rules_of_a_first_frame_hold_for_fetched_ones_too(limited, origin):
    for name, data, words in (
            ("small", simple_png(300, 400), "300"), ("wide", simple_png(1000, 400), "5:2"),
            ("torn", simple_png(400, 400)[:-30], "")):
        message = failed(limited, origin.add(f"/{name}.png", data), "InvalidImageException")
        assert words in message


def test_the_type_is_told_by_the_bytes_not_by_name_or_header(maker, origin):
    url = origin.add("/picture.gif", jpeg(scene(400, 400)), "image/png")
    maker.completed(maker.make("calm", image_url=url))


def test_this_machine_is_out_of_bounds_by_default(closed_studio, origin):
    origin.add("/secret.png", simple_png(400, 400))
    client = closed_studio.new_client("--credits", str(PRICE), model="flash")
    asked = len(origin.paths())
    for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0.0.0.0",
                 "[::1]", "[::ffff:127.0.0.1]", "[::]"):
        failed(client, origin.url("/secret.png", host), "ImageFetchException")
    for url in ("http://10.0.0.1/a.png", "http://192.168.1.1/a.png", "http://172.16.0.1/a.png",
                "http://169.254.169.254/latest/meta-data", "http://100.64.0.1/a.png",
                "http://[fe80::1]/a.png", "http://[fd00::1]/a.png", "http://224.0.0.1/a.png",
                "http://255.255.255.255/a.png", "http://[64:ff9b::7f00:1]/a.png",
                "http://[2002:7f00:1::]/a.png"):
        failed(client, url, "ImageFetchException")
    assert len(origin.paths()) == asked, "a forbidden address was asked"


def test_a_redirect_leads_nowhere_forbidden(limited, origin):
    for i, url in enumerate(("http://10.0.0.1/a.png", "http://169.254.169.254/latest",
                             "http://[::1]/a.png", "ftp://127.0.0.1/a.png", "file:///etc/passwd",
                             "gopher://127.0.0.1/")):
        origin.add(f"/out{i}", redirect(url))
        failed(limited, origin.url(f"/out{i}"), "ImageFetchException")


def test_the_request_carries_no_secrets(maker, origin):
    url = origin.add("/plain.png", simple_png(400, 400))
    maker.completed(maker.make("calm", image_url=url))
    headers = next({k.lower(): v for k, v in h.items()} for p, h in origin.asked if p == "/plain.png")
    assert not {"authorization", "cookie", "referer"} & set(headers), headers
    assert maker.key not in str(headers)


def test_credentials_in_the_address_are_not_passed_on(limited, origin):
    url = origin.add("/basic.png", simple_png(400, 400)).replace("http://", "http://user:pass@")
    answer = limited.create("calm", image_url=url)
    if answer.status == 200:
        limited.until(answer.json["id"])
    assert all("Authorization" not in h for p, h in origin.asked if p == "/basic.png")
