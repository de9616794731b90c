"""The playground's pages as the server sends them: headers, forms, entity tags, nothing from elsewhere."""
import gzip
import re

import pytest

pytestmark = pytest.mark.quick
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: http: https:; "
          "media-src 'self' blob:; connect-src 'self'; font-src 'self'; form-action 'none'; "
          "base-uri 'none'; frame-ancestors 'none'")


def page(api, path="/", **headers):
    return api.get(path, auth=False, headers=headers)


def assets(api):
    return ["/" + a for a in re.findall(r'"\./(app/[\w.-]+)"', page(api).body.decode())]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_is_whole_and_safe(api, path):
    answer = page(api, path)
    assert answer.status == 200 and answer.type == "text/html"
    assert answer.body.lower().startswith(b"<!doctype html>")
    policy = answer.header("Content-Security-Policy")
    assert policy == POLICY
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Referrer-Policy") == "no-referrer"
    assert answer.header("Cross-Origin-Opener-Policy") == "same-origin"
    assert "camera=()" in answer.header("Permissions-Policy")
    assert answer.header("Cache-Control") == "no-cache" and answer.header("ETag")
    assert not re.search(rb'(src|href)="(https?:)?//', answer.body), "nothing from elsewhere"
    assert not re.search(rb"<script(?![^>]*src=)", answer.body), "no script in the page itself"


def test_assets_never_change_and_are_there(api):
    names = assets(api)
    assert any(n.endswith(".js") for n in names) and any(n.endswith(".css") for n in names)
    for name in names:
        answer = page(api, name)
        assert answer.status == 200 and answer.body
        assert answer.header("Cache-Control") == "public, max-age=31536000, immutable"
        assert re.search(r"-[\w-]{8}\.\w+$", name), name
    assert page(api, [n for n in names if n.endswith(".js")][0]).type == "text/javascript"


def test_a_client_gets_the_form_that_it_takes(api):
    name = [n for n in assets(api) if n.endswith(".js")][0]
    plain, zipped, brotli = (page(api, name, **{"Accept-Encoding": a})
                             for a in ("identity", "gzip", "gzip, deflate, br"))
    assert [a.header("Content-Encoding") for a in (plain, zipped, brotli)] == [None, "gzip", "br"]
    assert gzip.decompress(zipped.body) == plain.body
    assert len(brotli.body) < len(zipped.body) < len(plain.body)
    assert len({a.header("ETag") for a in (plain, zipped, brotli)}) == 3
    assert all(a.header("Vary") == "Accept-Encoding" for a in (plain, zipped, brotli))


def test_a_page_that_is_known_is_not_sent_again(api):
    etag = page(api).header("ETag")
    for known in (etag, f'"x", {etag}', f"W/{etag}", "*"):
        answer = page(api, **{"If-None-Match": known})
        assert answer.status == 304 and not answer.body and answer.header("ETag") == etag
    assert page(api, **{"If-None-Match": '"x"'}).status == 200


def test_head_tells_the_same_without_the_body(api):
    for path in ["/", "/docs", *assets(api)]:
        got = page(api, path)
        head = api.request("HEAD", path, auth=False)
        assert head.status == 200 and not head.body
        assert head.header("Content-Length") == str(len(got.body)) == got.header("Content-Length")
        assert head.header("ETag") == got.header("ETag")


@pytest.mark.parametrize("path", ["/app", "/app/", "/app/x.js", "/app/../index.html", "/index.html",
                                  "/app/%2e%2e/index.html", "/app/..%2findex.html"])
def test_what_is_no_page_is_not_found(api, path):
    assert page(api, path).status == 404


def test_the_first_start_tells_the_way_in(serve):
    server = serve(workers=0)
    assert f"playground, signed in: {server.url}/#key={server.key}\n" in server.output()
    server.terminate()
    server.restart()
    assert "#key=" not in server.output()
