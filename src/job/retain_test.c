/* retain_test.c - what leaves, and what stays. SPDX-License-Identifier: MIT */
#include "job/retain.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/fixture.h"
#include "unit.h"

struct place {
    struct store *store;
    struct blob_store *blobs;
    int64_t key;
};

static struct place open_place(const char *name)
{
    struct error err;
    struct place p = {.store = fixture_open(name)};
    char folder[160];
    snprintf(folder, sizeof folder, "%s-blobs", fixture_path(name));
    CHECK_OK(blob_open(&p.blobs, folder, &err), err);
    p.key = fixture_key(p.store, "aaaaaaaa", NULL, 0);
    return p;
}

static void close_place(struct place *p)
{
    fixture_check(p->store);
    store_close(p->store);
    blob_close(p->blobs);
}

static void put(struct place *p, const char *name)
{
    struct error err;
    CHECK_OK(blob_write(p->blobs, name, TEXT("bytes"), &err), err);
}

static bool is_there(struct place *p, const char *name)
{
    struct error err;
    SCOPED(text_buf) struct text_buf bytes = {0};
    return blob_read(p->blobs, name, 1000, &bytes, &err) == 0;
}

/* A job with an image of its own; completed with a video of its own when asked. */
static void make_job(struct place *p, int number, bool completed, char id[HASH_ID_SIZE])
{
    struct error err;
    char image[32];
    char video[32];
    snprintf(image, sizeof image, "inputs/%d", number);
    snprintf(video, sizeof video, "generations/%d.mp4", number);
    struct store_admission a = fixture_admission(p->key);
    a.input.image_kind = STORE_IMAGE_BLOB;
    a.input.image = image;
    put(p, image);
    CHECK_OK(store_admit_wait(p->store, &a), a.err);
    memcpy(id, a.id, HASH_ID_SIZE);
    if (!completed)
        return;
    SCOPED(store_job) struct store_job held = {0};
    fixture_claim(p->store, "w", &held);
    struct store_result result = fixture_result();
    result.video = video;
    put(p, video);
    CHECK_OK(store_finish(p->store, id, held.token, &result, &err), err);
}

static struct retain_count run(struct place *p, int64_t now_us, int64_t keep_us, int64_t grace_us)
{
    struct error err;
    struct retain_count count = {0};
    int64_t before_us = keep_us ? now_us - keep_us : 0;
    CHECK_OK(retain_expired(p->store, p->blobs, before_us, &count, &err), err);
    CHECK_OK(retain_strays(p->store, p->blobs, now_us - grace_us, &count, &err), err);
    return count;
}

TEST(an_expired_job_leaves_with_its_image_and_its_video)
{
    enum { N = 230 }; /* more than one portion */
    struct error err;
    struct place p = open_place("expired");
    char ids[N][HASH_ID_SIZE];
    char waiting[HASH_ID_SIZE];
    struct store_job job;
    for (int i = 0; i < N; i++)
        make_job(&p, i, true, ids[i]);
    make_job(&p, N, false, waiting);
    int64_t later_us = clock_now_us() + 100 * CLOCK_SECOND_US;
    assert_int_equal(run(&p, later_us, 200 * CLOCK_SECOND_US, 1000 * CLOCK_SECOND_US).retired, 0);
    assert_int_equal(run(&p, later_us, 50 * CLOCK_SECOND_US, 1000 * CLOCK_SECOND_US).retired, N);
    CHECK_ERR(store_get(p.store, ids[0], &job, &err), ERR_GONE);
    assert_false(is_there(&p, "inputs/0"));
    assert_false(is_there(&p, "generations/0.mp4"));
    assert_false(is_there(&p, "generations/229.mp4"));
    assert_true(is_there(&p, "inputs/230"));
    close_place(&p);
}

TEST(for_ever_is_for_ever)
{
    struct place p = open_place("for-ever");
    char id[HASH_ID_SIZE];
    make_job(&p, 0, true, id);
    struct retain_count c = run(&p, clock_now_us() + 1000000 * CLOCK_SECOND_US, 0, CLOCK_SECOND_US);
    assert_int_equal(c.retired | c.strays | c.drafts, 0);
    assert_true(is_there(&p, "generations/0.mp4"));
    close_place(&p);
}

TEST(a_stray_is_swept_after_its_grace_and_what_is_named_stays)
{
    struct error err;
    struct place p = open_place("stray");
    struct blob_draft draft;
    char id[HASH_ID_SIZE];
    make_job(&p, 0, true, id);
    make_job(&p, 1, false, id);
    put(&p, "inputs/stray");
    put(&p, "generations/whale/stray.mp4");
    CHECK_OK(blob_begin(p.blobs, &draft, &err), err);
    close(draft.fd); /* as the end of its process does */
    int64_t now_us = clock_now_us();
    struct retain_count c = run(&p, now_us, 0, 1000 * CLOCK_SECOND_US);
    assert_int_equal(c.strays | c.drafts, 0);
    assert_true(is_there(&p, "inputs/stray"));
    c = run(&p, now_us + 2000 * CLOCK_SECOND_US, 0, 1000 * CLOCK_SECOND_US);
    assert_int_equal(c.strays, 2);
    assert_int_equal(c.drafts, 1);
    assert_false(is_there(&p, "inputs/stray"));
    assert_false(is_there(&p, "generations/whale/stray.mp4"));
    assert_true(is_there(&p, "inputs/0") && is_there(&p, "generations/0.mp4"));
    assert_true(is_there(&p, "inputs/1"));
    close_place(&p);
}

TEST(the_blobs_of_a_removed_job_follow_it_and_gone_already_is_fine)
{
    struct error err;
    struct place p = open_place("removed");
    char id[HASH_ID_SIZE];
    SCOPED(store_job) struct store_job out = {0};
    make_job(&p, 0, true, id);
    CHECK_OK(store_remove(p.store, p.key, id, &out, &err), err);
    CHECK_OK(retain_remove_blobs(p.blobs, &out, &err), err);
    assert_false(is_there(&p, "inputs/0") || is_there(&p, "generations/0.mp4"));
    CHECK_OK(retain_remove_blobs(p.blobs, &out, &err), err);
    close_place(&p);
}
