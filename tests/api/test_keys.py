"""Keys over the API: made, changed, limited, taken away; by an administrator, and seen by their owner."""
import re

import pytest

from support.client import UNIVERSAL

pytestmark = pytest.mark.quick
KEYS = "/v1/keys"
PRICE = 120_000


@pytest.fixture
def admin(idle):
    return idle.client()


def patch(client, prefix, **body):
    return client.request("PATCH", f"{KEYS}/{prefix}", json=body)


def make(admin, **body):
    answer = admin.post(KEYS, json=body)
    assert answer.status == 200, answer
    row = answer.json["data"]
    return row, admin.server.client(row["key"])


def test_a_key_is_made_shown_once_and_works(admin):
    row, client = make(admin, name="for the team", requests_per_minute=100, jobs_at_once=2)
    assert re.fullmatch(r"[0-9a-f]{64}", row["key"]) and row["key"].startswith(row["prefix"])
    assert row["name"] == "for the team" and not row["admin"] and not row["limited"]
    assert row["scopes"] is None and "limit" not in row
    own = client.get("/v1/key").json["data"]
    assert own == {k: v for k, v in row.items() if k != "key"}
    assert row["key"] not in admin.get(KEYS).body.decode()
    client.make("one")
    client.make("two")
    assert client.create("three").status == 429
    assert client.get("/v1/key").json["data"]["queued"] == 2


def test_an_empty_body_makes_a_plain_key(admin):
    for body in (None, b"", b"{}"):
        answer = admin.request("POST", KEYS, body=body)
        assert answer.status == 200 and answer.json["data"]["name"] is None


def test_only_an_administrator_looks_after_keys(admin):
    row, client = make(admin)
    for answer in (client.get(KEYS), client.post(KEYS, json={}), patch(client, row["prefix"], name="x"),
                   client.delete(f"{KEYS}/{row['prefix']}"), client.get("/v2/status")):
        assert answer.status == 403, answer
    assert admin.get(KEYS, auth=False).status == 401


@pytest.mark.parametrize("body", [
    {"unknown": 1}, {"name": 1}, {"limit": {"retention": "year", "threshold": 1}},
    {"limit": {"retention": "day", "threshold": -1}}, {"scopes": ["model:none"]}, {"scopes": []},
    {"jobs_at_once": -1}, {"credits": 1.5}, {"disabled": True}, [], "x"])
def test_a_body_that_makes_no_sense_is_refused(admin, body):
    before = len(admin.get(KEYS).json["data"])
    answer = admin.post(KEYS, json=body)
    assert answer.status == 400 and answer.json["error"]["data"], answer
    assert len(admin.get(KEYS).json["data"]) == before


def test_credits_are_given_and_taken(admin):
    row, client = make(admin, credits=PRICE)
    assert row["limited"] and row["balance"] == PRICE
    client.make("one")
    assert client.create("two").status == 403
    row = patch(admin, row["prefix"], credits_add=PRICE).json["data"]
    assert (row["balance"], row["reserved"]) == (2 * PRICE, PRICE)
    client.make("two")
    assert patch(admin, row["prefix"], credits_add=-5).json["data"]["balance"] == 2 * PRICE - 5
    assert [t["type"] for t in client.transactions()] == ["ADJUSTMENT", "PAYMENT", "INIT"]


def test_a_change_that_cannot_be_counted_changes_nothing(admin):
    row, _ = make(admin, name="before", credits=1)
    for _ in range(1024):
        answer = patch(admin, row["prefix"], name="after", credits_add=2**53, jobs_at_once=7)
        if answer.status != 200:
            break
        assert patch(admin, row["prefix"], name="before", jobs_at_once=0).status == 200
    assert answer.status == 409 and str(2**53) in answer.json["message"], answer
    row = next(k for k in admin.get(KEYS).json["data"] if k["prefix"] == row["prefix"])
    assert (row["name"], row["jobs_at_once"]) == ("before", 0)


def test_a_fault_of_a_limit_names_its_member(admin):
    for limit, path, message in (
            ({"retention": "day"}, ["limit", "threshold"], "Required"),
            ({"threshold": 1}, ["limit", "retention"], "Required"),
            ({"retention": "day", "threshold": "1"}, ["limit", "threshold"],
             "Expected number, received string"),
            ([], ["limit"], "Expected object, received array")):
        issues = admin.post(KEYS, json={"limit": limit}).json["error"]["data"]
        assert [(i["path"], i["message"]) for i in issues] == [(path, message)]


def test_a_limit_of_spending_holds_and_can_be_raised(admin):
    row, client = make(admin, limit={"retention": "month", "threshold": 0.1})
    assert row["limit"] == {"retention": "month", "threshold": 0.1}
    id = client.make("one")
    answer = client.create("two")
    assert answer.status == 403 and answer.json["error"]["data"]["kind"] == "err_key_limit"
    client.cancel(id)
    client.make("two")
    assert patch(admin, row["prefix"], limit=None).status == 200
    client.make("three")
    assert "limit" not in client.get("/v1/key").json["data"]


def test_a_key_without_the_scope_makes_no_videos(admin):
    row, client = make(admin, scopes=["model:chat"])
    assert client.create("one").status == 403
    assert client.get(f"{UNIVERSAL}/list").status == 200
    assert patch(admin, row["prefix"], scopes=["model:video"]).json["data"]["scopes"] == ["model:video"]
    client.make("one")


def test_a_disabled_key_opens_nothing_until_it_is_enabled(admin):
    row, client = make(admin)
    assert patch(admin, row["prefix"], disabled=True).json["data"]["disabled"]
    assert client.get("/v1/key").status == 401 and client.create("x").status == 401
    assert not patch(admin, row["prefix"], disabled=False).json["data"]["disabled"]
    client.make("x")


def test_a_removed_key_is_gone_for_good(admin):
    row, client = make(admin)
    for _ in range(2):
        assert admin.delete(f"{KEYS}/{row['prefix']}").json == {
            "data": {"prefix": row["prefix"], "deleted": True}}
    assert client.get("/v1/key").status == 401
    assert row["prefix"] not in [k["prefix"] for k in admin.get(KEYS).json["data"]]
    assert patch(admin, row["prefix"], name="back").status == 404
    assert admin.delete(f"{KEYS}/nothing0").status == 404


def test_an_administrator_cannot_lock_itself_out(admin):
    own = admin.get("/v1/key").json["data"]
    assert own["admin"]
    assert admin.delete(f"{KEYS}/{own['prefix']}").status == 409
    assert patch(admin, own["prefix"], disabled=True).status == 409
    assert patch(admin, own["prefix"], name="first key").status == 200


def test_an_estimate_tells_price_and_queue(api):
    answer = api.get(f"{UNIVERSAL}/estimate", params={"model": "video-01"})
    assert answer.status == 200
    assert {k: answer.json[k] for k in ("model", "credits", "usd", "seconds")} == {
        "model": "video-01", "credits": PRICE, "usd": 0.06, "seconds": None}
    assert api.get(f"{UNIVERSAL}/estimate", params={"model": "nothing"}).status == 400
    assert api.get(f"{UNIVERSAL}/estimate").status == 400
    assert api.get(f"{UNIVERSAL}/estimate", params={"model": "video-01"}, auth=False).status == 401


def test_the_status_counts_what_is_there(admin):
    before = admin.get("/v2/status").json["queue"]["queued"]
    id = admin.make("waits")
    status = admin.get("/v2/status").json
    assert status["queue"]["queued"] == before + 1 and status["workers"] == []
    assert status["queue"]["oldest_queued_seconds"] >= 0 and status["disk"]["free_bytes"] > 0
    assert "video-01" in status["models"]
    admin.cancel(id)


def test_a_list_is_searched_by_words_and_model(api):
    fox, whale = api.make("A red Fox, 100% real"), api.make("a whale")
    live = api.make("FOX", model="video-01-live2d",
                    image_url="https://example.com/a.png")

    def found(**params):
        return [j["id"] for j in api.jobs(**params)]

    assert found(q="fox") == [live, fox]
    assert found(q="100%") == [fox] and found(q="100_") == []
    assert found(q="", model="video-01") == [whale, fox]
    assert found(model="video-01-live2d", q="fox") == [live] and found(model="none") == []
    assert found(q="fox", limit=1) == [live, fox], "through pages"
    assert api.get(f"{UNIVERSAL}/list", params={"q": "x" * 201}).status == 400


def test_the_words_of_a_search_are_counted_in_characters(api):
    fox = api.make("狐" * 200)
    assert [j["id"] for j in api.jobs(q="狐" * 200)] == [fox]
    answer = api.get(f"{UNIVERSAL}/list", params={"q": "狐" * 201})
    assert answer.status == 400 and answer.json["error"]["data"][0]["maximum"] == 200


def test_models_tell_their_limits_with_details(api):
    for model in api.get("/v1/models?details=true", auth=False).json["data"]:
        assert model["limits"]["image"]["required"] == (model["id"] == "video-01-live2d")
        assert model["limits"]["prompt_max"] == 2000 and model["limits"]["credits"] == PRICE
    assert "limits" not in api.get("/v1/models", auth=False).json["data"][0]
