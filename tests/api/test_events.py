"""GET .../events: what becomes of jobs, told once, in order, across cuts, to many."""
import base64
import pathlib
import threading
import time

import pytest

from support import schemas
from support.events import EVENTS, Stream
from support.pace import SANITIZED, seconds, until
from support.server import MODELS

LISTENERS = 1000
MOST_PER_LISTENER = 8 * 1024  # bytes of the server process; measured 0.3 KB


def numbers(events):
    """What the ids count."""
    return [int.from_bytes(base64.urlsafe_b64decode(e.id + "=" * (-len(e.id) % 4))[2:], "big")
            for e in events if e.id]


def once(events):
    """No event twice, and ids that rise."""
    states = [(e.job, e.state) for e in events]
    assert len(states) == len(set(states)), [s for s in states if states.count(s) > 1]
    assert numbers(events) == sorted(set(numbers(events)))
    return events


@pytest.mark.quick
def test_the_present_comes_first_and_then_each_change(api):
    first = api.make("one")
    with Stream(api) as stream:
        assert stream.status == 200
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert stream.headers["Cache-Control"] == "no-store"
        assert [(e.kind, e.job) for e in stream.until_present()] == [("generation", first)]
        second = api.make("two")
        event = stream.next()
        assert event.kind == "generation" and event.job == second
        schemas.polled(event.data)
        assert event.data["meta"]["prompt_original"] == "two"
        api.cancel(first)
        event = stream.next()
        assert (event.job, event.data["status"]) == (first, "error")
        schemas.polled(event.data)


@pytest.mark.quick
def test_a_job_that_is_over_is_not_of_the_present(api):
    id = api.make("cancelled")
    api.cancel(id)
    with Stream(api) as stream:
        assert stream.until_present() == []
        other = api.make("stays")
        assert stream.next().job == other


@pytest.mark.quick
def test_asked_jobs_end_the_stream_when_all_are_final(api):
    one, two, other = api.make("1"), api.make("2"), api.make("3")
    with Stream(api, ids=[one, two]) as stream:
        assert {e.job for e in stream.until_present()} == {one, two}
        api.cancel(other)
        api.cancel(one)
        event = stream.next()
        assert event.job == one and event.data["status"] == "error"
        api.cancel(two)
        assert [e.job for e in stream.rest()] == [two]


@pytest.mark.quick
def test_a_final_job_is_told_at_once_and_ends_the_stream(api):
    id = api.make("1")
    api.cancel(id)
    with Stream(api, ids=[id]) as stream:
        assert [(e.job, e.data["status"]) for e in stream.rest()] == [(id, "error")]


@pytest.mark.quick
@pytest.mark.parametrize("bad", ["nothing", "x" * 21, "a b", "%00"])
def test_a_job_that_is_not_there_or_anothers_is_not_found(idle, api, bad):
    assert api.get(EVENTS, params={"generation_id": bad}).status == 404
    theirs = idle.new_client().make("theirs")
    mine = api.make("mine")
    assert api.get(EVENTS, params={"generation_id": f"{mine},{theirs}"}).status == 404


@pytest.mark.quick
def test_a_stream_needs_a_key_and_at_most_256_ids(api):
    assert api.get(EVENTS, auth=False).status == 401
    many = ",".join(f"{i:021d}" for i in range(257))
    assert api.get(EVENTS, params={"generation_id": many}).status == 400


@pytest.mark.quick
@pytest.mark.parametrize("ids", ["", ",", " , "])
def test_an_empty_list_of_ids_is_not_everything(api, ids):
    api.make("of the key, but not asked for")
    answer = api.get(EVENTS, params={"generation_id": ids})
    assert answer.status == 400 and answer.json["error"]["data"][0]["path"] == ["generation_id"]


@pytest.mark.quick
def test_a_head_request_gets_the_headers_alone(api):
    answer = api.request("HEAD", EVENTS)
    assert answer.status == 200 and answer.type == "text/event-stream"


@pytest.mark.quick
def test_other_keys_jobs_are_not_told(idle, api):
    other = idle.new_client()
    with Stream(api) as stream:
        stream.until_present()
        other.make("theirs")
        mine = api.make("mine")
        assert stream.next().job == mine


@pytest.mark.quick
@pytest.mark.threads
def test_what_happened_in_between_is_told_after_a_cut(api):
    kept, cancelled = api.make("kept"), api.make("cancelled")
    with Stream(api) as stream:
        stream.until_present()
        last = stream.id
    api.cancel(cancelled)
    fresh = api.make("fresh")
    with Stream(api, last=last) as stream:
        told = [stream.next(), stream.next()]
        assert [e.job for e in told] == [cancelled, fresh]
        last = told[0].id
    with Stream(api, last=last) as stream:
        assert stream.next().job == fresh
        last = stream.id
    with Stream(api, last=last) as stream:  # nothing again
        api.cancel(kept)
        assert stream.next().job == kept


@pytest.mark.quick
def test_a_cursor_of_another_store_or_of_nobody_starts_anew(api):
    id = api.make("here")
    for last in ("AWMAAAAAAAAAZZ", "AWN___________8", "nonsense", "", "A" * 500):
        with Stream(api, last=last) as stream:
            stream.id = None
            assert [e.job for e in stream.until_present()] == [id], last


@pytest.mark.quick
def test_a_drain_ends_streams(serve):
    server = serve(workers=0)
    api = server.client()
    api.make("waits")
    with Stream(api) as stream:
        stream.until_present()
        assert server.terminate() == 0
        assert stream.rest() == []


@pytest.mark.quick
def test_a_revoked_or_disabled_key_ends_its_streams(idle):
    admin = idle.client()
    for end in (lambda p: admin.delete(f"/v1/keys/{p}"),
                lambda p: admin.request("PATCH", f"/v1/keys/{p}", json={"disabled": True})):
        api = idle.new_client()
        with Stream(api) as stream, Stream(admin) as other:
            stream.until_present()
            other.until_present()
            assert end(api.key[:8]).status == 200
            assert stream.rest() == []
            job = admin.make("still told")
            assert other.next().job == job
            admin.cancel(job)


def test_a_films_way_is_told_step_by_step(studio):
    maker = studio.new_client(model="reel")
    id = maker.make("a red fox")
    with Stream(maker, ids=[id]) as stream:
        events = stream.rest()
    assert events[-1].data["status"] == "completed"
    schemas.polled(events[-1].data)
    assert events[-1].data["meta"]["poster_url"].startswith(studio.url)
    live = once([e for e in events if e.id])
    states = [e.data["status"] for e in live]
    assert states == sorted(states, key=["queued", "generating", "completed"].index)
    steps = [e.data["meta"]["progress"] for e in live if e.data["status"] == "generating"]
    assert steps == sorted(steps)


def test_a_film_that_is_removed_is_told(studio):
    maker = studio.new_client(model="flash")
    id = maker.make("a red fox")
    maker.completed(id)
    with Stream(maker) as stream:
        stream.until_present()
        last = stream.id
        assert maker.cancel(id).json["action"] == "deleted"
        event = stream.next()
        assert (event.kind, event.data) == ("removed", {"id": id})
    with Stream(maker, last=last, ids=[id]) as stream:
        assert [(e.kind, e.job) for e in stream.rest()] == [("removed", id)]


def test_nothing_is_lost_or_doubled_across_kills_of_the_server(serve):
    """A listener that reconnects with its last id, while jobs run and the server is killed."""
    server = serve(workers=2, config=MODELS)
    maker = server.new_client(model="reel")
    heard, jobs, stop = [], [], threading.Event()

    def listen():
        last = None
        while not stop.is_set():
            try:
                with Stream(maker, last=last, limit=10) as stream:
                    if stream.status != 200:
                        continue
                    while True:
                        event = stream.next()
                        if event is None:
                            break
                        heard.append(event)
                        last = stream.id
                    last = stream.id
            except (OSError, AssertionError, ValueError):
                time.sleep(0.05)

    with Stream(maker) as stream:  # a cursor from before the first job
        stream.until_present()
        start = stream.id
    thread = threading.Thread(target=listen)
    jobs += [maker.make(f"job {i}") for i in range(3)]
    thread.start()
    for kill in (server.kill, server.kill_all, server.kill):
        time.sleep(0.4)
        kill()
        server.clean()
        server.restart()
        jobs.append(maker.make("another"))
    for id in jobs:
        maker.completed(id)
    until(lambda: {e.job for e in heard if e.data.get("status") == "completed"} == set(jobs),
          what="the end of each job at the listener")
    stop.set()
    maker.cancel(maker.make("wakes the listener"))
    server.end_well()
    thread.join(seconds(30))
    assert not thread.is_alive()
    ends = [e.job for e in heard if e.id and e.data.get("status") == "completed" and e.job in jobs]
    assert sorted(ends) == sorted(set(ends)), "told twice"
    assert numbers(heard) == sorted(set(numbers(heard))), "ids rise, also across restarts"
    server.restart()
    with Stream(maker, last=start) as stream:
        again = [stream.next() for _ in range(len(jobs) + 1)]
    assert {e.job for e in again} >= set(jobs), "each job's last state, from the beginning"
    once(again)


def rss(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(l for l in status.splitlines() if l.startswith("VmRSS")).split()[1]) * 1024


def test_a_thousand_listeners_hear_everything_and_cost_little(serve):
    server = serve(workers=0)
    api = server.new_client()
    with Stream(api) as stream:
        stream.until_present()
    before = rss(server.pid)
    streams = [Stream(api) for _ in range(LISTENERS)]
    try:
        for s in streams:
            s.until_present()
        per_listener = (rss(server.pid) - before) / LISTENERS
        print(f"{per_listener:.0f} bytes for each of {LISTENERS} listeners")
        ids = [api.make(f"job {i}") for i in range(3)]
        api.cancel(ids[0])
        for s in streams:
            told = s.until(lambda e: e.job == ids[2])
            told += s.until(lambda e: e.data.get("status") == "error")
            once(told)
            assert {e.job for e in told} == set(ids)
        if not SANITIZED:
            assert per_listener < MOST_PER_LISTENER
        again = [Stream(api, last=s.id) for s in streams[:100]]
        fresh = api.make("after the cut")
        for s in again:
            assert s.next().job == fresh
            s.close()
    finally:
        for s in streams:
            s.close()


def test_a_listener_that_does_not_read_is_cut_and_loses_nothing(serve):
    server = serve("--idle-timeout", "2s", workers=0)
    api = server.new_client()
    stream = Stream(api)
    stream.until_present()
    before = rss(server.pid)
    ids = [api.make("x" * 2000) for _ in range(4000)]
    grown = rss(server.pid) - before
    time.sleep(seconds(4))  # longer than the server waits for one that takes nothing
    heard = []
    try:
        event = stream.next()
        while event is not None:
            heard.append(event)
            event = stream.next()
    except (OSError, ValueError):
        pass
    last = heard[-1].id
    stream.close()
    assert len(heard) < len(ids), "what is left of a stream that was cut is what the socket held"
    with Stream(api, last=last) as stream:
        while len(heard) < len(ids):
            heard.append(stream.next())
    assert [e.job for e in once(heard)] == ids
    assert SANITIZED or grown < 64 << 20, "what is missed waits in the store"
