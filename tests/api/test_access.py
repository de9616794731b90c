"""Who may do what: every operation of the document without a key, with a key that is no
administrator's, and with another's job; what belongs to one key and is asked for by another's."""
import re
import time
import urllib.parse

import pytest

from support.client import ROUTES, UNIVERSAL
from support.events import EVENTS, Stream
from support.pace import seconds


def operations(server, open):
    """(method, path with example values, operation) of those that need a key, or do not."""
    for path, methods in server.document().json["paths"].items():
        for method, operation in methods.items():
            if (operation.get("security") == []) == open:
                yield method.upper(), re.sub(r"\{[^}]+\}", "x" * 21, path), operation


@pytest.mark.quick
def test_every_operation_but_the_open_ones_needs_a_key(idle, api):
    seen = 0
    for method, path, _ in operations(idle, open=False):
        query = "?generation_id=" + "x" * 21 if method != "POST" else ""
        for auth in ({"auth": False}, {"auth": False, "headers": {"Authorization": "Bearer " + "0" * 64}}):
            body = b"{}" if method in ("POST", "PUT", "PATCH") else None
            answer = api.request(method, path + query, body=body, **auth)
            assert answer.status == 401, (method, path, answer)
            assert answer.header("WWW-Authenticate") == "Bearer"
            if method == "GET":
                assert api.request("HEAD", path + query, **auth).status == 401
            seen += 1
    assert seen > 60


@pytest.mark.quick
def test_an_open_operation_asks_for_no_key(idle, api):
    for method, path, _ in operations(idle, open=True):
        assert api.request(method, path, auth=False).status not in (401, 429, 500), (method, path)


@pytest.mark.quick
def test_what_is_an_administrators_is_said_so_and_refused_to_others(idle, api):
    said = [(m, p) for m, p, o in operations(idle, open=False) if "*admin*" in o["summary"]]
    assert len(said) == 6
    for method, path in said:
        body = b"{}" if method in ("POST", "PUT", "PATCH") else None
        answer = api.request(method, path, body=body)
        assert answer.status == 403, (method, path, answer)
        assert answer.json["error"]["name"] == "ForbiddenException"


@pytest.mark.quick
@pytest.mark.parametrize("route", ROUTES)
def test_anothers_job_is_not_there_whichever_way_it_is_asked_for(idle, api, route):
    other = idle.new_client()
    theirs, mine = other.make("their secret fox"), api.make("my own fox")
    for method, target in (("GET", f"{route}?generation_id={theirs}"), ("GET", f"{route}/{theirs}"),
                           ("GET", f"{route}?generation_id={theirs}&wait=1"),
                           ("DELETE", f"{route}?generation_id={theirs}"), ("DELETE", f"{route}/{theirs}"),
                           ("GET", f"{route}/events?generation_id={theirs}"),
                           ("GET", f"{route}/events?generation_id={mine},{theirs}")):
        answer = api.request(method, target)
        assert answer.status == 404 and b"secret" not in answer.body, (method, target, answer)
    found = api.get(f"{route}/list", params={"q": "fox"}).json["data"]
    assert [job["id"] for job in found] == [mine]
    assert other.poll(theirs).json["status"] == "queued"


@pytest.mark.quick
def test_anothers_cursors_lead_to_ones_own(idle, api):
    other = idle.new_client()
    first = api.make("mine, from before")
    with Stream(other) as stream:
        stream.until_present()
        last = stream.id
    for i in range(3):
        other.make(f"theirs {i}")
    second = api.make("mine, from after")
    cursor = other.get(f"{UNIVERSAL}/list", params={"limit": 1}).json["pagination"]["next_cursor"]
    assert [j["id"] for j in api.jobs(cursor=cursor)] == [first]
    with Stream(api, last=last) as stream:
        assert stream.next().job == second


@pytest.mark.quick
def test_a_key_revoked_by_another_process_ends_its_streams(idle):
    api = idle.new_client()
    with Stream(api) as stream, Stream(idle.client()) as other:
        stream.until_present()
        other.until_present()
        idle.command("key", "revoke", api.key[:8])
        assert stream.rest() == []
        job = idle.client().make("still told")
        assert other.next().job == job
        idle.client().cancel(job)
    assert api.get(EVENTS).status == 401


@pytest.mark.quick
def test_a_listener_that_does_not_read_does_not_hold_up_the_end(serve):
    server = serve(workers=0)
    api = server.new_client()
    stream = Stream(api)
    stream.until_present()
    for _ in range(1500):
        api.make("x" * 2000)
    begun = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - begun < seconds(20), "less than the patience with such a client"
    stream.close()


def test_a_signature_opens_its_own_file_alone(maker):
    job = maker.completed(maker.make("a red fox"))
    urls = {"mp4": job["video"]["url"], "jpg": job["meta"]["poster_url"],
            "preview": job["meta"]["preview_url"]}
    for name, url in urls.items():
        parts = urllib.parse.urlsplit(url)
        assert maker.download(url).status == 200
        assert maker.download(url, method="HEAD").body == b""
        part = maker.download(url, headers={"Range": "bytes=1-2"})
        assert part.status == 206 and len(part.body) == 2, name
        for other, at in urls.items():
            query = urllib.parse.urlsplit(at).query
            answer = maker.download(parts._replace(query=query).geturl())
            assert answer.status == (200 if other == name else 403), (name, other)
        for bad in ("", parts.query.replace("Expires=", "Expires=1"), parts.query[:-1],
                    parts.query.partition("&")[2]):
            assert maker.download(parts._replace(query=bad).geturl()).status == 403
    assert maker.cancel(job["id"]).json["action"] == "deleted"
    for url in urls.values():
        assert maker.download(url).status == 410
