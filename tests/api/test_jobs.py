"""Waiting, cancelling, removing, listing, repeating: what a key does with its jobs."""
import threading
import time

import pytest

from support.client import ROUTES, UNIVERSAL
from support.pace import seconds, until
from support.server import MODELS

quick = pytest.mark.quick


@quick
def test_a_queued_job_says_where_it_stands(serve):
    client = serve(workers=0).client()
    ids = [client.make(f"fox {i}") for i in range(3)]
    found = [client.poll(id).json for id in ids]
    positions = [f["meta"]["position"] for f in found]
    assert positions == [positions[0], positions[0] + 1, positions[0] + 2] and positions[0] in (0, 1)
    assert [f["meta"]["progress"] for f in found] == [0, 0, 0]
    assert all("eta_seconds" not in f["meta"] for f in found), "no work was measured yet"


@quick
def test_wait_zero_answers_at_once_and_wait_over_sixty_is_refused(api):
    id = api.make()
    assert api.poll(id, wait=0).json["status"] == "queued"
    for wait in ("61", "-1", "x", "", "1e9", "99999999999999999999"):
        answer = api.poll(id, wait=wait)
        assert answer.status == 400, (wait, answer)
        assert answer.json["error"]["data"][0]["path"] == ["wait"]


@quick
def test_wait_holds_the_answer_for_its_time(api):
    id = api.make()
    began = time.monotonic()
    answer = api.poll(id, wait=1)
    took = time.monotonic() - began
    assert answer.status == 200 and answer.json["status"] == "queued"
    assert took >= 0.95, f"answered after {took:.2f} s although nothing changed"


@quick
@pytest.mark.threads
def test_wait_returns_when_the_status_changes(api):
    id = api.make()
    answers = []
    waiters = [threading.Thread(target=lambda r=route: answers.append(api.poll(id, route=r, wait=60)))
               for route in ROUTES]
    began = time.monotonic()
    for w in waiters:
        w.start()
    time.sleep(0.3)
    assert api.cancel(id).status == 200
    for w in waiters:
        w.join()
    assert time.monotonic() - began < 50, "the waiters slept through the change"
    assert [a.json["status"] for a in answers] == ["error"] * len(ROUTES)


@quick
def test_wait_on_a_final_job_answers_at_once(api):
    id = api.make()
    api.cancel(id)
    began = time.monotonic()
    assert api.poll(id, wait=60).json["status"] == "error"
    assert time.monotonic() - began < 50


@quick
def test_cancelling_a_queued_job(api):
    before = api.balance()
    id = api.make()
    answer = api.cancel(id)
    assert answer.status == 200, answer
    job = api.poll(id).json
    assert job["status"] == "error"
    assert job["error"]["name"] == "CancelledException" and "ancel" in job["error"]["message"]
    assert job["video"] is None
    assert api.cancel(id).status in (200, 410), "cancelling twice is fine"
    assert api.balance() == before


@quick
def test_a_cancelled_job_is_forgotten_when_that_is_asked_for(api):
    """Once cancelled it could not be removed: each DELETE said cancelled again."""
    before = api.balance()
    id = api.make()
    assert api.cancel(id).json["action"] == api.cancel(id).json["action"] == "cancelled"
    for target in (f"{UNIVERSAL}?generation_id={id}&forget=true", f"{UNIVERSAL}/{id}?forget=true"):
        answer = api.delete(target)
        assert (answer.status, answer.json["action"]) == (200, "deleted")
        assert api.poll(id).status == 410
    assert id not in [job["id"] for job in api.jobs()]
    queued = api.make()
    assert api.delete(f"{UNIVERSAL}/{queued}?forget=false").json["action"] == "cancelled"
    queued = api.make()
    assert api.delete(f"{UNIVERSAL}/{queued}?forget=true").json["action"] == "deleted"
    assert api.poll(queued).status == 410 and api.balance() == before
    assert api.delete(f"{UNIVERSAL}/{queued}?forget=perhaps").status == 400
    assert api.delete(f"{UNIVERSAL}/V1StGXR8Z5jdHi6BmyT8k?forget=true").status == 404


def test_forgetting_a_running_job_frees_its_worker(maker):
    id = maker.make("a whale swims under the stars", model="epic")
    maker.until(id, "generating")
    assert maker.delete(f"{UNIVERSAL}/{id}?forget=true").json["action"] == "deleted"
    assert maker.poll(id).status == 410
    assert maker.completed(maker.make("a fox"))["status"] == "completed"


@quick
def test_delete_needs_an_id_that_is_the_keys_own(api):
    assert api.delete(UNIVERSAL).status == 400
    assert api.cancel("V1StGXR8Z5jdHi6BmyT8k").status == 404


@pytest.mark.threads
def test_cancelling_a_running_job_stops_it_soon(maker):
    """The film would take many minutes; the worker is free for another one long before."""
    id = maker.make("a whale swims under the stars", model="epic")
    maker.until(id, "generating")
    began = time.monotonic()
    assert maker.cancel(id).status == 200
    job = maker.poll(id).json
    assert job["status"] == "error" and job["error"]["name"] == "CancelledException"
    assert time.monotonic() - began < seconds(30), "cancelling waited for the film"
    maker.completed(maker.make("an owl"))
    assert maker.poll(id).json["status"] == "error", "a cancelled job stays cancelled"
    assert [t for t in maker.transactions() if t["reference_id"] == id] == []


def test_removing_a_finished_job_takes_its_video_along(maker):
    job = maker.completed(maker.make("a turtle walks along the beach"))
    assert maker.download(job).status == 200
    answer = maker.cancel(job["id"])
    assert answer.status == 200, answer
    gone = maker.poll(job["id"])
    assert gone.status == 410, gone
    assert gone.json["title"] == "Gone" and gone.json["error"]["name"] == "GoneException"
    for route in ROUTES:
        assert maker.get(f"{route}/{job['id']}").status == 410
    assert maker.download(job).status in (404, 410)
    assert maker.cancel(job["id"]).status in (200, 404, 410), "removing twice is fine"
    assert job["id"] not in [j["id"] for j in maker.jobs()]
    # what was charged stays charged
    assert [t["amount"]["credits"] for t in maker.transactions()
            if t["reference_id"] == job["id"]] == [120000]


def test_retention_takes_finished_jobs_away(serve):
    server = serve("--keep", "1s", workers=1, config=MODELS)
    client = server.client(model="flash")
    id = client.make("a fox")
    until(lambda: client.poll(id, wait=1).status == 410, what="the job's expiry")
    until(lambda: not list(server.data.rglob("*.mp4")), what="the video's removal")


@quick
def test_the_list_pages_through_all_jobs_newest_first(api):
    made = [api.make(f"fox {i}") for i in range(7)]
    listed, cursor, pages = [], None, 0
    while True:
        page = api.get(f"{UNIVERSAL}/list", params={"limit": 3, **({"cursor": cursor} if cursor else {})})
        assert page.status == 200 and len(page.json["data"]) <= 3, page
        listed += [j["id"] for j in page.json["data"]]
        cursor, pages = page.json["pagination"]["next_cursor"], pages + 1
        assert page.json["pagination"]["has_more"] == (cursor is not None)
        if cursor is None:
            break
    assert listed == made[::-1] and pages == 3


@quick
def test_a_page_does_not_shift_when_new_jobs_come(api):
    made = [api.make(f"fox {i}") for i in range(4)]
    first = api.get(f"{UNIVERSAL}/list", params={"limit": 2}).json
    api.make("one more")
    second = api.get(f"{UNIVERSAL}/list",
                     params={"limit": 2, "cursor": first["pagination"]["next_cursor"]}).json
    assert [j["id"] for j in first["data"] + second["data"]] == made[::-1]


@quick
def test_the_list_filters_by_status(api):
    made = [api.make(f"fox {i}") for i in range(4)]
    api.cancel(made[1])
    assert [j["id"] for j in api.jobs(status="error")] == [made[1]]
    assert [j["id"] for j in api.jobs(status="queued")] == [made[3], made[2], made[0]]
    assert api.jobs(status="completed") == [] and api.jobs(status="generating") == []


@quick
@pytest.mark.parametrize("params", [
    {"limit": 0}, {"limit": 101}, {"limit": "x"}, {"limit": "-1"}, {"limit": ""}, {"status": "done"},
    {"status": "failed"}, {"cursor": "nonsense"}, {"cursor": "AAAA"}, {"cursor": "%00"}])
def test_the_list_refuses_what_it_does_not_know(api, params):
    answer = api.get(f"{UNIVERSAL}/list", params=params)
    assert answer.status == 400, (params, answer)


@quick
def test_list_is_no_id(api):
    assert "data" in api.get(f"{UNIVERSAL}/list").json


@quick
@pytest.mark.threads
def test_an_idempotency_key_makes_one_job(idle, api):
    headers = {"Idempotency-Key": "order-42"}
    first = api.create("a fox", headers=headers)
    again = api.create("a fox", headers=headers)
    assert first.status == again.status == 200
    assert again.json["id"] == first.json["id"]
    assert again.json["meta"] == first.json["meta"]
    assert len(api.jobs()) == 1
    other = api.create("another fox", headers=headers)
    assert other.status == 409, other
    assert other.json["title"] == "Conflict" and other.json["error"]["name"] == "ConflictException"
    assert api.create("a fox", headers={"Idempotency-Key": "order-43"}).json["id"] != first.json["id"]
    stranger = idle.new_client()
    assert stranger.create("a fox", headers=headers).json["id"] != first.json["id"]


@quick
@pytest.mark.threads
def test_many_at_once_with_one_idempotency_key_get_one_job(api):
    answers = []
    def post():
        answers.append(api.create("a fox", headers={"Idempotency-Key": "race"}))
    threads = [threading.Thread(target=post) for _ in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {a.status for a in answers} == {200}, answers
    assert len({a.json["id"] for a in answers}) == 1
    assert len(api.jobs()) == 1


@quick
@pytest.mark.parametrize("key", ["x" * 256, "", "tab\there"])
def test_an_idempotency_key_is_at_most_255_printable_characters(api, key):
    answer = api.create(headers={"Idempotency-Key": key})
    assert answer.status in ((200, 400) if key == "" else (400,)), answer


@quick
def test_a_refused_create_does_not_use_up_its_idempotency_key(api):
    headers = {"Idempotency-Key": "later"}
    assert api.create("", headers=headers).status == 400
    assert api.create("a fox", headers=headers).status == 200


def test_progress_rises_and_names_stages(maker):
    id = maker.make("a lion in the savanna at sunset", model="video-01")
    seen = []
    while True:
        job = maker.poll(id, wait=0).json
        if job["status"] == "generating":
            seen.append((job["meta"]["progress"], job["meta"]["stage"]))
        if job["status"] in ("completed", "error"):
            break
        time.sleep(0.05)
    assert job["status"] == "completed", job
    assert seen and all(stage for _, stage in seen)
    assert [p for p, _ in seen] == sorted(p for p, _ in seen)


def test_the_prompt_as_used_is_told(maker):
    literal = maker.make("a castle on a hill", enhance_prompt=False)
    richer = maker.make("a castle on a hill", enhance_prompt=True)
    assert maker.completed(literal)["meta"]["prompt"] == "a castle on a hill"
    used = maker.completed(richer)["meta"]["prompt"]
    assert used.startswith("a castle on a hill") and len(used) > len("a castle on a hill")
