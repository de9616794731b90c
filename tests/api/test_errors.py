"""The table of errors: each row provoked, each body and header looked at."""
import json
import re

import pytest

from support import schemas
from support.client import LEGACY, ROUTES, UNIVERSAL

pytestmark = pytest.mark.quick

INVALID_KEY = r"^This request requires a valid API key\. You can create a new API key"
EMPTY_KEY = r"^You provided an empty string instead of valid API key\. You can create a new API key"


@pytest.mark.parametrize("path", [UNIVERSAL, LEGACY, f"{UNIVERSAL}/list", "/v2/billing",
                                  "/v1/billing/balance", "/v2/billing/transactions", "/v2/usage"])
@pytest.mark.parametrize("authorization, message", [
    (None, INVALID_KEY), ("Basic dXNlcjpwYXNz", INVALID_KEY), ("Bearer " + "0" * 64, INVALID_KEY),
    ("Bearer nonsense", INVALID_KEY), ("Bearer  two words", INVALID_KEY), ("Bearer", EMPTY_KEY),
    ("Bearer ", EMPTY_KEY), ("bearer    ", EMPTY_KEY), ("Bearer " + "a" * 4000, INVALID_KEY)])
def test_401_has_three_forms(api, path, authorization, message):
    headers = [("Authorization", authorization)] if authorization is not None else []
    answer = api.get(path, auth=False, headers=headers)
    assert answer.status == 401, answer
    assert re.search(message, answer.json["message"]), answer
    assert answer.json["title"] == "Unauthorized"
    assert answer.json["error"]["name"] == "UnauthorizedException"


def test_a_post_without_a_key_is_401_whatever_its_body(api):
    for body in (b"{", b"{}", json.dumps({"model": "video-01", "prompt": "x"}).encode()):
        answer = api.post(UNIVERSAL, body=body, auth=False)
        assert answer.status == 401, answer


def test_the_key_may_be_written_after_any_case_of_bearer(api):
    for word in ("Bearer", "bearer", "BEARER"):
        answer = api.get("/v2/billing", auth=False, headers={"Authorization": f"{word} {api.key}"})
        assert answer.status == 200, (word, answer)


def test_a_key_must_be_whole(api):
    for key in (api.key[:-1], api.key + "0", api.key[:8], api.key.upper() + "x"):
        answer = api.get("/v2/billing", auth=False, headers={"Authorization": f"Bearer {key}"})
        assert answer.status == 401, key


def test_a_revoked_key_opens_nothing_and_its_jobs_stay_hidden(idle):
    client = idle.new_client()
    id = client.make()
    idle.command("key", "revoke", client.key[:8])
    assert client.poll(id).status == 401
    assert client.create().status == 401


@pytest.mark.parametrize("route", ROUTES)
def test_an_unknown_id_is_404(api, route):
    for id in ("V1StGXR8Z5jdHi6BmyT8k", "234954179076239", "a" * 300, "..", "x y", "%00",
               "234:minimax/hailuo-2.3", "' OR 1=1 --"):
        answer = api.poll(id, route=route)
        assert answer.status == 404, (id, answer)
        assert answer.json["title"] == "Not Found"
        assert answer.json["message"] == "Inference not found"
        assert answer.json["error"]["name"] == "NotFoundException"
    assert api.get(f"{route}/V1StGXR8Z5jdHi6BmyT8k").status == 404


@pytest.mark.parametrize("route", ROUTES)
def test_a_poll_without_an_id_is_400(api, route):
    answer = api.get(route)
    assert answer.status == 400, answer
    found = answer.json["error"]["data"]
    assert found == [{"code": "invalid_type", "expected": "string", "received": "undefined",
                      "path": ["generation_id"], "message": "Required"}]


def test_an_unknown_path_is_404(api):
    for path in ("/v2", "/v2/video", "/v3/video/generations", "/v2/video/generationsx",
                 "/v2/video/generations/a/b", "/assistants", "/v2/generate/video/kling/generation",
                 "/..", "/%2e%2e/key", "//v2/video/generations"):
        answer = api.get(path)
        assert answer.status == 404, (path, answer)
        assert answer.json["error"]["name"] == "NotFoundException"


@pytest.mark.parametrize("method, path, allowed", [
    ("PUT", UNIVERSAL, {"GET", "HEAD", "POST", "DELETE", "OPTIONS"}),
    ("PATCH", UNIVERSAL, {"GET", "POST", "DELETE"}),
    ("PUT", LEGACY, {"GET", "POST"}),
    ("POST", "/v2/billing", {"GET"}), ("DELETE", "/v1/models", {"GET"}),
    ("POST", "/healthz", {"GET"}), ("POST", "/openapi.json", {"GET"}),
    ("TRACE", UNIVERSAL, {"GET", "POST"}), ("BREW", UNIVERSAL, {"GET", "POST"})])
def test_a_method_not_offered_is_405_with_allow(api, method, path, allowed):
    answer = api.request(method, path)
    assert answer.status == 405, answer
    assert answer.json["error"]["name"] == "MethodNotAllowedException"
    offered = {m.strip() for m in answer.header("Allow").split(",")}
    assert allowed - {"HEAD", "OPTIONS"} <= offered and method not in offered, answer.header("Allow")


def test_errors_name_this_server_and_never_the_vendor(idle, api):
    poor = idle.new_client("--credits", "0")
    for answer in (api.get("/v2/billing", auth=False), poor.create()):
        assert answer.json["message"].rpartition(": ")[2].startswith(idle.url + "/"), answer
    for answer in (api.get("/v2/billing", auth=False), api.get("/nowhere"), api.poll("x"),
                   api.post(UNIVERSAL, json={})):
        schemas.problem(answer, answer.json["instance"])


def test_instance_is_the_path_and_query_as_sent(api):
    answer = api.get(f"{UNIVERSAL}?generation_id=no%20such&wait=0")
    assert answer.json["instance"] == f"{UNIVERSAL}?generation_id=no%20such&wait=0"


def test_another_keys_job_is_404_everywhere(idle, api):
    id = api.make()
    other = idle.new_client()
    for route in ROUTES:
        assert other.poll(id, route=route).status == 404
        assert other.get(f"{route}/{id}").status == 404
    assert other.cancel(id).status == 404
    assert id not in [j["id"] for j in other.jobs()]
    assert api.poll(id).json["status"] == "queued"


def test_no_credits_is_403_and_nothing_is_made(idle):
    client = idle.new_client("--credits", "119999")
    answer = client.create()
    assert answer.status == 403, answer
    assert answer.json["title"] == "Forbidden"
    assert answer.json["message"].startswith("You've run out of credits. Please top up your balance")
    assert answer.json["error"]["name"] == "ForbiddenException"
    assert answer.json["error"]["data"] == {"kind": "err_insufficent_credits"}
    assert client.jobs() == []


def test_too_many_requests_is_429_with_its_headers(idle):
    client = idle.new_client("--rpm", "3")
    seen = [client.get("/v2/billing") for _ in range(3)]
    assert [a.status for a in seen] == [200] * 3, seen
    while seen[-1].status == 200 and len(seen) < 20:
        seen.append(client.get("/v2/billing"))
    refused = seen[-1]
    assert refused.status == 429, refused
    assert refused.json["title"] == "Too Many Requests"
    assert refused.json["message"] == "Too Many Requests"
    assert 1 <= int(refused.header("Retry-After")) <= 60
    for answer in seen:
        assert int(answer.header("RateLimit-Limit")) == 3
        assert 0 <= int(answer.header("RateLimit-Remaining")) <= 2
        assert 0 <= int(answer.header("RateLimit-Reset")) <= 60
    assert refused.header("RateLimit-Remaining") == "0"


def test_the_jobs_of_one_key_at_once_are_limited(idle):
    client = idle.new_client("--jobs", "2")
    first, second = client.make(), client.make()
    answer = client.create()
    assert answer.status == 429, answer
    assert int(answer.header("Retry-After")) >= 1
    assert client.cancel(first).status == 200
    third = client.make()
    assert client.create().status == 429
    assert {j["id"] for j in client.jobs(status="queued")} == {second, third}


def test_a_full_queue_is_503_with_retry_after(serve):
    server = serve("--queue-max", "3")
    client = server.client()
    ids = [client.make() for _ in range(3)]
    answer = client.create()
    assert answer.status == 503, answer
    assert int(answer.header("Retry-After")) >= 1
    assert client.cancel(ids[0]).status == 200
    assert client.create().status == 200


def test_every_error_of_the_table_was_described(idle):
    """The OpenAPI document names the statuses that the routes really give."""
    document = idle.document().json
    post = document["paths"][UNIVERSAL]["post"]["responses"]
    assert {"200", "400", "401", "403", "409", "413", "415", "429", "503"} <= set(post), set(post)
    get = document["paths"][UNIVERSAL]["get"]["responses"]
    assert {"200", "400", "401", "404", "410", "429"} <= set(get), set(get)
