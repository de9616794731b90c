"""POST: what is accepted, on which route, under which names; and what is not, with every issue."""
import concurrent.futures
import json

import pytest

from support.client import ALIASES, DRAGON, ID, LEGACY, ROUTES, UNIVERSAL, UNSET, issues

pytestmark = pytest.mark.quick

PNG_URL = "https://example.com/first.png"


def missing(field, expected="string"):
    return {"code": "invalid_type", "expected": expected, "received": "undefined", "path": [field],
            "message": "Required"}


def wrong(field, expected, received):
    return {"code": "invalid_type", "expected": expected, "received": received, "path": [field],
            "message": f"Expected {expected}, received {received}"}


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_accepts_and_every_route_finds(api, route):
    answer = api.create(DRAGON, route=route)
    assert answer.status == 200, answer
    assert ID.match(answer.json["id"])
    assert answer.json["status"] == "queued"
    assert answer.json["meta"]["usage"] == {"credits_used": 120000, "tokens_used": 120000}
    for other in ROUTES:
        found = api.poll(answer.json["id"], route=other)
        assert found.status == 200 and found.json["status"] == "queued", (other, found)
        found = api.get(f"{other}/{answer.json['id']}")
        assert found.status == 200 and found.json["id"] == answer.json["id"], (other, found)


def test_ids_never_repeat(api):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda i: api.make(f"fox {i}"), range(60)))
    assert len(set(ids)) == 60


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("names", [("image_url", "enhance_prompt"),
                                   ("first_frame_image", "prompt_optimizer")])
def test_each_route_takes_both_sets_of_names(api, route, names):
    image, enhance = names
    for fields in ({image: PNG_URL}, {enhance: False}, {enhance: True}, {image: PNG_URL, enhance: False}):
        assert api.create(route=route, **fields).status == 200, fields
    answer = api.create(route=route, **{image: 5, enhance: "no"})
    by_name = {tuple(i["path"]): i for i in issues(answer)}
    assert len(by_name) == 2, answer
    assert {i["message"] for i in by_name.values()} == {
        "Expected string, received number", "Expected boolean, received string"}


@pytest.mark.parametrize("route, own, other", [
    (UNIVERSAL, ("image_url", "enhance_prompt"), ("first_frame_image", "prompt_optimizer")),
    (LEGACY, ("first_frame_image", "prompt_optimizer"), ("image_url", "enhance_prompt"))])
def test_the_routes_own_name_wins(api, route, own, other):
    answer = api.create(route=route, **{own[0]: PNG_URL, other[0]: "not an image at all",
                                        own[1]: True, other[1]: "text"})
    assert answer.status == 200, answer
    answer = api.create(route=route, **{own[0]: 7, other[0]: PNG_URL, own[1]: "x", other[1]: True})
    assert {i["path"][0] for i in issues(answer)} == set(own)


def test_unknown_fields_are_ignored(api):
    assert api.create(duration=6, resolution="768P", negative_prompt="x", nested={"a": [1]},
                      aspect_ratio="16:9", n=None).status == 200


@pytest.mark.parametrize("field, value, expected, received", [
    ("model", 1, "string", "number"), ("model", True, "string", "boolean"),
    ("model", ["video-01"], "string", "array"), ("model", {}, "string", "object"),
    ("prompt", 1.5, "string", "number"), ("prompt", False, "string", "boolean"),
    ("prompt", ["a"], "string", "array"), ("prompt", {"a": 1}, "string", "object"),
    ("image_url", 3, "string", "number"), ("image_url", [PNG_URL], "string", "array"),
    ("image_url", {"url": PNG_URL}, "string", "object"), ("image_url", True, "string", "boolean"),
    ("enhance_prompt", "true", "boolean", "string"), ("enhance_prompt", 1, "boolean", "number"),
    ("enhance_prompt", 0, "boolean", "number"), ("enhance_prompt", [], "boolean", "array"),
    ("enhance_prompt", {}, "boolean", "object"), ("enhance_prompt", "", "boolean", "string"),
])
def test_types_are_strict(api, field, value, expected, received):
    answer = api.post(UNIVERSAL, json={"model": "video-01", "prompt": "a fox", field: value})
    assert issues(answer) == [wrong(field, expected, received)]


def test_missing_fields_are_named_one_by_one(api):
    assert issues(api.post(UNIVERSAL, json={})) == [missing("model"), missing("prompt")]
    assert issues(api.post(UNIVERSAL, json={"model": "video-01"})) == [missing("prompt")]
    assert issues(api.post(UNIVERSAL, json={"prompt": "x"})) == [missing("model")]


def test_null_counts_as_absent(api):
    assert issues(api.post(UNIVERSAL, json={"model": None, "prompt": None})) == [
        missing("model"), missing("prompt")]
    assert api.create(image_url=None, enhance_prompt=None, first_frame_image=None,
                      prompt_optimizer=None).status == 200
    answer = api.create(image_url=None, first_frame_image=9)
    assert issues(answer)[0]["message"] == "Expected string, received number"


def test_all_issues_of_a_body_come_at_once(api):
    answer = api.post(UNIVERSAL, json={"model": "video-02", "prompt": "x" * 2001, "image_url": 1,
                                       "enhance_prompt": "yes"})
    found = {i["path"][0]: i for i in issues(answer)}
    assert list(found) == ["model", "prompt", "image_url", "enhance_prompt"]
    options = found["model"].pop("options")
    assert {"video-01", "video-01-live2d"} <= set(options)
    expected = " | ".join(f"'{o}'" for o in options)
    assert found["model"] == {
        "received": "video-02", "code": "invalid_enum_value", "path": ["model"],
        "message": f"Invalid enum value. Expected {expected}, received 'video-02'"}
    assert found["prompt"] == {
        "code": "too_big", "maximum": 2000, "type": "string", "inclusive": True, "exact": False,
        "message": "String must contain at most 2000 character(s)", "path": ["prompt"]}
    assert found["image_url"] == wrong("image_url", "string", "number")
    assert found["enhance_prompt"] == wrong("enhance_prompt", "boolean", "string")
    assert answer.json["message"] == "Invalid payload provided"


@pytest.mark.parametrize("url", ["not an image at all", "ftp://example.com/a.png", "http://",
                                 "https:///a.png", "//example.com/a.png", "/a.png", "",
                                 "javascript:alert(1)", "file:///etc/passwd"])
def test_an_image_that_is_neither_url_nor_base64_is_named(api, url):
    found = issues(api.create(image_url=url))
    assert len(found) == 1 and found[0]["path"] == ["image_url"], found
    assert isinstance(found[0]["message"], str) and found[0]["code"]


def test_a_malformed_url_has_the_documented_form(api):
    assert issues(api.create(image_url="http://")) == [
        {"validation": "url", "code": "invalid_string", "message": "Invalid url",
         "path": ["image_url"]}]


@pytest.mark.parametrize("body, received", [("[]", "array"), ('"text"', "string"), ("1", "number"),
                                            ("true", "boolean"), ("null", "null")])
def test_a_body_that_is_no_object_is_told_so(api, body, received):
    answer = api.post(UNIVERSAL, body=body.encode())
    assert issues(answer) == [{"code": "invalid_type", "expected": "object", "received": received,
                               "path": [], "message": f"Expected object, received {received}"}]


@pytest.mark.parametrize("letter", ["x", "é", "語", "🐉", "👩‍🚀"[0]])
def test_two_thousand_code_points_and_not_one_more(api, letter):
    assert api.create(letter * 2000).status == 200
    found = issues(api.create(letter * 2001))
    assert [i["code"] for i in found] == ["too_big"] and found[0]["maximum"] == 2000
    # the same written with escapes: a surrogate pair is one code point
    body = json.dumps({"model": "video-01", "prompt": letter * 2000}, ensure_ascii=False)
    assert api.post(UNIVERSAL, body=body.encode()).status == 200


@pytest.mark.parametrize("blank", ["", " ", "\n\t  \r", "\u00a0", "\u3000\u2003"])
def test_a_blank_prompt_needs_a_first_frame(api, blank):
    found = issues(api.create(blank))
    assert [i["path"] for i in found] == [["prompt"]]
    assert api.create(blank, image_url=PNG_URL).status == 200
    assert api.create(blank, route=LEGACY, first_frame_image=PNG_URL).status == 200


def test_a_missing_prompt_stays_missing_even_with_an_image(api):
    assert missing("prompt") in issues(api.create(UNSET, image_url=PNG_URL))


def test_the_live2d_model_needs_its_image(api):
    answer = api.create(model="video-01-live2d")
    assert issues(answer) == [missing("image_url")]
    answer = api.create(model="video-01-live2d", route=LEGACY)
    assert issues(answer) == [missing("first_frame_image")]
    assert api.create(model="video-01-live2d", image_url=PNG_URL).status == 200


@pytest.mark.parametrize("model", ["Video-01", "video-01 ", "", "video-01\u0000", "minimax"])
def test_models_are_exact(api, model):
    found = issues(api.create(model=model))
    assert [i["code"] for i in found] == ["invalid_enum_value"], found
    assert found[0]["received"] == model


@pytest.mark.parametrize("prompt", ["a \"quoted\" \\ fox", "lines\nand\ttabs", "ünï – 語 – 🐉",
                                    "<script>alert(1)</script>", "'; DROP TABLE job; --", "%s%n%x",
                                    "zero \u0001 control", "‮right to left‬"])
def test_any_text_is_a_prompt(api, prompt):
    assert api.create(prompt).status == 200


@pytest.mark.parametrize("raw", [b'{"model":"video-01","prompt":"\\ud800"}',
                                 b'{"model":"video-01","prompt":"\xff\xfe"}',
                                 b'{"model":"video-01","prompt":"\xc0\x80"}',
                                 b'{"model":"video-01","prompt":"\xed\xa0\x80"}'])
def test_text_that_is_no_unicode_is_refused(api, raw):
    assert api.post(UNIVERSAL, body=raw).status == 400


@pytest.mark.parametrize("raw", [
    b"", b"{", b"{}}", b"nonsense", b'{"model":"video-01","prompt":"a fox"', b"{'model':1}",
    b'{"model":"video-01","prompt":"a fox",}', b"\xef\xbb\xbf\xef\xbb\xbf{}", b"\x00", b"[" * 5000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"model":NaN}', b"{} {}"])
def test_what_is_not_json_is_refused(api, raw):
    answer = api.post(UNIVERSAL, body=raw)
    assert answer.status == 400, answer
    assert answer.json["error"]["name"] == "BadRequestException"


def test_a_post_without_any_body_is_refused(api):
    answer = api.request("POST", UNIVERSAL, headers={"Content-Length": "0"})
    assert answer.status == 400, answer


@pytest.mark.parametrize("type", [
    "application/json", "Application/JSON", "application/json; charset=utf-8",
    'application/json;charset="UTF-8"', "application/json ; charset=UTF8",
    "application/json; charset=utf-8; boundary=x", None])
def test_json_types_are_taken(api, type):
    body = json.dumps({"model": "video-01", "prompt": "a fox"}).encode()
    assert api.post(UNIVERSAL, body=body, type=type).status == 200, type


@pytest.mark.parametrize("type", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/json; charset=latin-1", "application/json; charset=utf-16", "application/jsonp",
    "application/xml", "application/octet-stream", "*/*"])
def test_other_types_are_415(api, type):
    body = json.dumps({"model": "video-01", "prompt": "a fox"}).encode()
    answer = api.post(UNIVERSAL, body=body, type=type)
    assert answer.status == 415, answer
    assert answer.json["error"]["name"] == "UnsupportedMediaTypeException"
    assert answer.json["message"] == f"Expected Content-Type application/json in UTF-8, received {type}"


def test_a_byte_order_mark_does_no_harm_or_is_refused_as_not_json(api):
    body = b"\xef\xbb\xbf" + json.dumps({"model": "video-01", "prompt": "a fox"}).encode()
    assert api.post(UNIVERSAL, body=body).status in (200, 400)


def test_a_name_given_twice_counts_once(api):
    answer = api.post(UNIVERSAL, body=b'{"model":"video-01","prompt":"a","prompt":"b"}')
    assert answer.status in (200, 400), answer


def test_alias_routes_take_the_universal_names_as_their_own(api):
    for route in ALIASES:
        answer = api.create(route=route, image_url=PNG_URL, first_frame_image=9)
        assert answer.status == 200, (route, answer)


def test_a_seed_is_kept(api):
    for seed in (0, 1, 2**31 - 1, 2**53 - 1):
        assert api.create(seed=seed).status == 200, seed
    for seed in ("1", 1.5, True, [1], -1, 2**53):
        assert api.create(seed=seed).status == 400, seed
