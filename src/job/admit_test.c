/* admit_test.c - a request becomes a job, with its image. SPDX-License-Identifier: MIT */
#include "job/admit.h"

#include <stdio.h>
#include <string.h>

#include "store/fixture.h"
#include "unit.h"

struct place {
    struct store *store;
    struct blob_store *blobs;
    int64_t key;
};

static struct place open_place(const char *name, const struct store_key *limits)
{
    struct error err;
    struct place p = {.store = fixture_open(name)};
    char folder[160];
    snprintf(folder, sizeof folder, "%s-blobs", fixture_path(name));
    CHECK_OK(blob_open(&p.blobs, folder, &err), err);
    p.key = fixture_key(p.store, "aaaaaaaa", limits, 0);
    return p;
}

static void close_place(struct place *p)
{
    fixture_check(p->store);
    store_close(p->store);
    blob_close(p->blobs);
}

static struct admit_request plain(const struct place *p)
{
    return (struct admit_request){.model = &model_builtin[0],
                                  .key_id = p->key,
                                  .prompt = TEXT("A dragon over the sea."),
                                  .enhance = true,
                                  .body = TEXT("{}")};
}

static bool has_blob(struct place *p, const char *name)
{
    struct error err;
    SCOPED(text_buf) struct text_buf bytes = {0};
    int rc = blob_read(p->blobs, name, 1000, &bytes, &err);
    return rc == 0 && strcmp(bytes.at, "picture") == 0;
}

TEST(a_request_becomes_a_job_with_a_fresh_id_and_seed)
{
    struct error err;
    struct place p = open_place("plain", NULL);
    struct admit_request r = plain(&p);
    struct store_admission a;
    struct store_admission b;
    CHECK_OK(admit_prepare(&a, p.blobs, &r, &err), err);
    CHECK_OK(admit_prepare(&b, p.blobs, &r, &err), err);
    assert_string_not_equal(a.id, b.id);
    assert_true(a.input.seed != b.input.seed);
    assert_true(a.input.seed <= ADMIT_SEED_MAX && b.input.seed <= ADMIT_SEED_MAX);
    CHECK_OK(store_admit_wait(p.store, &a), a.err);
    SCOPED(store_job) struct store_job job = fixture_get(p.store, a.id);
    assert_string_equal(job.input.model, "video-01");
    assert_string_equal(job.input.prompt, "A dragon over the sea.");
    assert_int_equal(job.input.credits, 120000);
    assert_int_equal(job.input.image_kind, STORE_IMAGE_NONE);
    assert_true(job.input.enhance);
    assert_true(job.input.seed == a.input.seed);
    admit_settle(&a, p.blobs);
    admit_settle(&b, p.blobs);
    close_place(&p);
}

TEST(a_given_seed_is_taken_and_an_image_url_kept)
{
    struct error err;
    struct place p = open_place("seed", NULL);
    struct admit_request r = plain(&p);
    struct store_admission a;
    r.has_seed = true;
    r.seed = 0;
    r.image_url = TEXT("http://localhost/a.png");
    CHECK_OK(admit_prepare(&a, p.blobs, &r, &err), err);
    CHECK_OK(store_admit_wait(p.store, &a), a.err);
    SCOPED(store_job) struct store_job job = fixture_get(p.store, a.id);
    assert_true(job.input.seed == 0);
    assert_int_equal(job.input.image_kind, STORE_IMAGE_URL);
    assert_string_equal(job.input.image, "http://localhost/a.png");
    admit_settle(&a, p.blobs);
    close_place(&p);
}

TEST(the_image_of_an_admitted_job_stays)
{
    struct error err;
    struct place p = open_place("image", NULL);
    struct admit_request r = plain(&p);
    struct store_admission a;
    r.image_bytes = TEXT("picture");
    CHECK_OK(admit_prepare(&a, p.blobs, &r, &err), err);
    CHECK_OK(store_admit_wait(p.store, &a), a.err);
    admit_settle(&a, p.blobs);
    assert_null(a.input.image);
    SCOPED(store_job) struct store_job job = fixture_get(p.store, a.id);
    assert_int_equal(job.input.image_kind, STORE_IMAGE_BLOB);
    assert_true(has_blob(&p, job.input.image));
    close_place(&p);
}

TEST(the_image_of_a_refused_job_is_taken_back)
{
    struct error err;
    struct store_key limited = {.limited = true};
    struct place p = open_place("refused", &limited);
    struct admit_request r = plain(&p);
    struct store_admission a;
    char image[64];
    r.image_bytes = TEXT("picture");
    CHECK_OK(admit_prepare(&a, p.blobs, &r, &err), err);
    snprintf(image, sizeof image, "%s", a.input.image);
    assert_true(has_blob(&p, image));
    CHECK_ERR(store_admit_wait(p.store, &a), ERR_CREDITS);
    admit_settle(&a, p.blobs);
    assert_false(has_blob(&p, image));
    close_place(&p);
}

TEST(the_image_of_a_commit_that_may_have_happened_stays)
{
    struct error err;
    struct place p = open_place("unsure", NULL);
    struct admit_request r = plain(&p);
    struct store_admission a;
    char image[64];
    r.image_bytes = TEXT("picture");
    CHECK_OK(admit_prepare(&a, p.blobs, &r, &err), err);
    snprintf(image, sizeof image, "%s", a.input.image);
    a.rc = ERR_IO;
    admit_settle(&a, p.blobs);
    assert_true(has_blob(&p, image));
    close_place(&p);
}

TEST(a_repeated_request_leaves_one_job_and_one_image)
{
    struct error err;
    struct place p = open_place("repeated", NULL);
    struct admit_request r = plain(&p);
    struct store_admission a;
    struct store_admission b;
    char image[64];
    r.image_bytes = TEXT("picture");
    r.idempotency_key = "again";
    CHECK_OK(admit_prepare(&a, p.blobs, &r, &err), err);
    CHECK_OK(store_admit_wait(p.store, &a), a.err);
    admit_settle(&a, p.blobs);
    CHECK_OK(admit_prepare(&b, p.blobs, &r, &err), err);
    snprintf(image, sizeof image, "%s", b.input.image);
    CHECK_OK(store_admit_wait(p.store, &b), b.err);
    assert_int_equal(b.refusal, STORE_REPLAYED);
    assert_string_equal(b.id, a.id);
    admit_settle(&b, p.blobs);
    assert_false(has_blob(&p, image));
    SCOPED(store_job) struct store_job job = fixture_get(p.store, a.id);
    assert_true(has_blob(&p, job.input.image));

    struct store_admission c;
    r.body = TEXT("{\"prompt\":\"another\"}");
    CHECK_OK(admit_prepare(&c, p.blobs, &r, &err), err);
    CHECK_ERR(store_admit_wait(p.store, &c), ERR_CONFLICT);
    admit_settle(&c, p.blobs);
    close_place(&p);
}

TEST(an_image_that_cannot_be_written_makes_no_job)
{
    struct error err;
    struct place p = open_place("unwritten", NULL);
    struct admit_request r = plain(&p);
    struct store_admission a;
    char inputs[192];
    snprintf(inputs, sizeof inputs, "%s-blobs/inputs", fixture_path("unwritten"));
    FILE *file = fopen(inputs, "w"); /* where the folder should be */
    assert_non_null(file);
    fclose(file);
    r.image_bytes = TEXT("picture");
    assert_true(admit_prepare(&a, p.blobs, &r, &err) < 0);
    assert_null(a.input.model);
    close_place(&p);
}
