"""Credits, the ledger, usage, the limits of a key."""
import datetime
import threading

import pytest

from support.client import UNIVERSAL
from support.server import MODELS

quick = pytest.mark.quick
PRICE = 120000


def iso(minutes=0):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


@quick
def test_a_metered_key_is_not_limited(api):
    assert api.balance() == 0
    for _ in range(3):
        assert api.create().status == 200


@quick
def test_balances_are_told_in_dollars_and_credits(idle):
    client = idle.new_client("--credits", "10000000")
    assert client.get("/v2/billing").json == {"current_balance": 5.0, "currency": "USD"}
    balance = client.get("/v1/billing/balance").json
    assert balance["balance"] == 10000000 and balance["lowBalance"] is False
    assert set(balance) == {"balance", "lowBalance", "lowBalanceThreshold", "lastUpdated",
                            "autoDebitStatus", "status", "statusExplanation"}
    assert balance["autoDebitStatus"] == "disabled" and balance["status"] == "current"


@quick
def test_credits_are_reserved_at_create_and_given_back_at_cancel(idle):
    client = idle.new_client("--credits", str(2 * PRICE))
    first, second = client.make(), client.make()
    assert client.create().status == 403
    client.cancel(first)
    third = client.make()
    assert client.create().status == 403
    client.cancel(second)
    client.cancel(third)
    assert client.get("/v2/billing").json["current_balance"] == 0.12
    assert [t["type"] for t in client.transactions()] == ["INIT"]


@quick
@pytest.mark.threads
def test_credits_cannot_be_spent_twice_at_once(idle):
    client = idle.new_client("--credits", str(5 * PRICE + PRICE - 1))
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(client.create())) for _ in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(a.status for a in answers) == [200] * 5 + [403] * 11


@quick
def test_credit_by_the_command_line_shows_in_the_ledger(idle):
    client = idle.new_client("--credits", "0")
    assert client.create().status == 403
    idle.command("key", "credit", client.key[:8], str(PRICE))
    assert client.balance() == PRICE
    assert client.create().status == 200
    newest = client.transactions()[0]
    assert newest["direction"] == "TOPUP" and newest["amount"] == {"usd": 0.06, "credits": PRICE}
    assert newest["model"] is None and newest["reference_id"] is None


def test_a_completed_job_is_charged_once(studio):
    client = studio.new_client("--credits", str(10 * PRICE), model="flash")
    id = client.make("a rabbit in a meadow")
    while_running = client.balance()
    job = client.completed(id)
    assert while_running in (10 * PRICE, 9 * PRICE)
    assert job["meta"]["usage"] == {"credits_used": PRICE, "tokens_used": PRICE}
    assert client.balance() == 9 * PRICE
    charge, init = client.transactions()
    assert charge["direction"] == "CHARGE" and charge["type"] == "MODEL_USAGE"
    assert charge["amount"] == {"usd": 0.06, "credits": PRICE}
    assert charge["model"] == "flash" and charge["reference_id"] == id
    assert init["direction"] == "TOPUP" and init["amount"]["credits"] == 10 * PRICE
    usage = client.get("/v2/usage", params={"period": "1h"}).json
    assert usage["requests"] == 1 and usage["spend"] == 0.06 and usage["currency"] == "USD"


def test_a_failed_job_costs_nothing(studio):
    client = studio.new_client("--credits", str(PRICE), model="flash")
    id = client.make(image_url="http://127.0.0.1:9/none.png")
    assert client.until(id)["status"] == "error"
    assert client.balance() == PRICE and len(client.transactions()) == 1
    assert client.create(image_url="http://127.0.0.1:9/none.png").status == 200


@quick
def test_the_ledger_pages_and_sums(idle):
    client = idle.new_client("--credits", "1000")
    for credits in (500, 700, -300, 11):
        idle.command("key", "credit", client.key[:8], "--", str(credits))
    rows, cursor = [], None
    while True:
        page = client.get("/v2/billing/transactions",
                          params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json
        assert len(page["data"]) <= 2
        rows += page["data"]
        cursor = page["pagination"]["next_cursor"]
        if not page["pagination"]["has_more"]:
            break
    assert all(r["amount"]["credits"] > 0 for r in rows)
    signed = [r["amount"]["credits"] * (1 if r["direction"] == "TOPUP" else -1) for r in rows]
    assert signed == [11, -300, 700, 500, 1000]
    assert client.balance() == sum(signed)
    get = client.get
    ups = get("/v2/billing/transactions", params={"direction": "TOPUP"}).json["data"]
    assert [r["amount"]["credits"] for r in ups] == [11, 700, 500, 1000]
    downs = get("/v2/billing/transactions", params={"direction": "CHARGE"}).json["data"]
    assert [r["amount"]["credits"] for r in downs] == [300]
    assert [r["type"] for r in get("/v2/billing/transactions", params={"type": "INIT"}).json["data"]] \
        == ["INIT"]
    window = {"from": iso(-5), "to": iso(5)}
    assert len(get("/v2/billing/transactions", params=window).json["data"]) == 5
    window = {"from": iso(5), "to": iso(10)}
    assert get("/v2/billing/transactions", params=window).json["data"] == []


@quick
@pytest.mark.parametrize("params", [
    {"limit": 0}, {"limit": 101}, {"limit": "a"}, {"direction": "UP"}, {"direction": "topup"},
    {"type": "GIFT"}, {"cursor": "x"}, {"cursor": "eyJ2IjoxfQ"}, {"unknown": "1"},
    {"from": "yesterday"}, {"to": "2026-13-01T00:00:00Z"},
    {"from": "2026-08-17T10:00:00Z", "to": "2026-08-17T10:00:00Z"},
    {"from": "2026-08-17T10:00:01Z", "to": "2026-08-17T10:00:00Z"}])
def test_the_ledger_refuses_what_it_does_not_know(api, params):
    answer = api.get("/v2/billing/transactions", params=params)
    assert answer.status == 400, (params, answer)


@quick
def test_a_cursor_is_not_to_be_tampered_with(idle):
    client = idle.new_client("--credits", "1000")
    idle.command("key", "credit", client.key[:8], "1")
    cursor = client.get("/v2/billing/transactions",
                        params={"limit": 1}).json["pagination"]["next_cursor"]
    for bad in (cursor + "=", cursor[:-1], cursor.swapcase(), cursor + "A", " " + cursor):
        answer = client.get("/v2/billing/transactions", params={"cursor": bad})
        assert answer.status == 400, (bad, answer)
    # on the list of jobs it means nothing
    answer = client.get(f"{UNIVERSAL}/list", params={"cursor": cursor})
    assert answer.status in (200, 400)


@quick
def test_offsets_in_dates_are_understood(idle):
    client = idle.new_client("--credits", "5")
    plus = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    now = datetime.datetime.now(plus)
    window = {"from": (now - datetime.timedelta(minutes=2)).isoformat(timespec="seconds"),
              "to": (now + datetime.timedelta(minutes=2)).isoformat(timespec="milliseconds")}
    assert len(client.get("/v2/billing/transactions", params=window).json["data"]) == 1


@quick
def test_usage_of_a_fresh_key_is_zero(api):
    for params in ({"period": "24h"}, {"period": "7d"}, {"start": iso(-60), "end": iso()}):
        answer = api.get("/v2/usage", params=params)
        assert answer.status == 200, (params, answer)
        usage = answer.json
        assert set(usage) == {"api_key_prefix", "start", "end", "spend", "currency", "requests"}
        assert usage["spend"] == 0 and usage["requests"] == 0
        assert usage["api_key_prefix"] in (None, api.key[:8])
    # no offset is UTC
    answer = api.get("/v2/usage", params={"start": iso(-60)[:-1], "end": iso()[:-1]})
    assert answer.status == 200 and answer.json["start"].endswith("Z")


@quick
def test_usage_knows_its_own_prefix(idle, api):
    answer = api.get("/v2/usage", params={"period": "1d", "key_prefix": api.key[:8]})
    assert answer.status == 200 and answer.json["api_key_prefix"] == api.key[:8]
    other = idle.new_client()
    assert api.get("/v2/usage", params={"period": "1d", "key_prefix": other.key[:8]}).status == 403
    answer = api.get("/v2/usage", params={"period": "1d", "key_prefix": "zzzzzzzz"})
    assert answer.status == 404, answer


@quick
@pytest.mark.parametrize("params", [
    {}, {"period": "24h", "start": "2026-01-01", "end": "2026-01-02"}, {"period": "0h"},
    {"period": "-1d"}, {"period": "1.5h"}, {"period": "1w"}, {"period": "h"}, {"period": ""},
    {"period": "24H"}, {"period": "9999999999999999999h"}, {"start": "2026-01-01"},
    {"end": "2026-01-01"}, {"start": "2026-01-02", "end": "2026-01-01"},
    {"start": "x", "end": "y"}, {"start": "2026-01-01", "end": "2026-06-01"}, {"period": "93d"},
    {"period": "1d", "group_by": "day"}, {"period": "1d", "tz": "Europe/Paris"}])
def test_usage_refuses_what_it_does_not_know(api, params):
    answer = api.get("/v2/usage", params=params)
    assert answer.status == 400, (params, answer)


@quick
def test_keys_are_listed_without_their_text(idle):
    client = idle.new_client("--name", "for the museum", "--rpm", "600")
    listed = idle.command("key", "list").stdout
    assert client.key[:8] in listed and "for the museum" in listed
    assert client.key not in listed and client.key[8:] not in listed


@quick
def test_the_key_file_is_for_its_owner_alone(idle):
    assert (idle.data / "key").stat().st_mode & 0o777 == 0o600
    assert len(idle.key) == 64
    for path in idle.data.rglob("*"):
        if path.is_file() and path != idle.data / "key":
            assert idle.key.encode() not in path.read_bytes(), f"{path} has the key's text"


def test_two_keys_share_the_workers_fairly(serve):
    """Four jobs of one key wait when a job of another key comes: it is next, not fifth."""
    server = serve(workers=2, config=MODELS)
    eager, late = server.client(model="epic"), server.new_client(model="flash")
    many = [eager.make(f"a fox number {i}") for i in range(6)]
    for id in many[:2]:
        eager.until(id, "generating")
    one = late.make("an owl")
    eager.cancel(many[0])
    late.completed(one)
    assert [eager.poll(id).json["status"] for id in many[3:]] == ["queued"] * 3
    for id in many:
        eager.cancel(id)
