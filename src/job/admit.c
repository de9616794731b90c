/* admit.c - see admit.h. SPDX-License-Identifier: MIT */
#include "job/admit.h"

#include "base/memory.h"

static uint64_t draw_seed(void)
{
    uint64_t seed;
    hash_random(&seed, sizeof seed);
    return seed & ADMIT_SEED_MAX;
}

/* The image lies under the job's id, so that no two jobs share one. */
static int set_image(struct store_job_input *in, const char *id, struct blob_store *blobs,
                     const struct admit_request *r, struct error *err)
{
    if (r->image_bytes.len) {
        in->image_kind = STORE_IMAGE_BLOB;
        in->image = mem_printf("inputs/%s", id);
        return blob_write(blobs, in->image, r->image_bytes, err);
    }
    in->image_kind = r->image_url.len ? STORE_IMAGE_URL : STORE_IMAGE_NONE;
    in->image = mem_dup_n(r->image_url.at, r->image_url.len);
    return 0;
}

static void free_strings(struct store_job_input *in)
{
    mem_free(in->model);
    mem_free(in->prompt);
    mem_free(in->image);
    *in = (struct store_job_input){0};
}

int admit_prepare(struct store_admission *a, struct blob_store *blobs,
                  const struct admit_request *r, struct error *err)
{
    *a = (struct store_admission){
        .key_id = r->key_id, .idempotency_key = r->idempotency_key, .queued_max = r->queued_max};
    hash_random_id(a->id);
    if (r->idempotency_key)
        hash_sha256(r->body, a->body_hash);
    a->input = (struct store_job_input){.model = mem_dup(r->model->id),
                                        .prompt = mem_dup_n(r->prompt.at, r->prompt.len),
                                        .enhance = r->enhance,
                                        .seed = r->has_seed ? r->seed : draw_seed(),
                                        .credits = r->model->credits};
    int rc = set_image(&a->input, a->id, blobs, r, err);
    if (rc < 0)
        free_strings(&a->input);
    return rc;
}

/* Is it certain that no job names the image? A commit that failed may yet be on the disk: then
 * the image stays, and retain sweeps it when it was not. */
static bool is_refused(const struct store_admission *a)
{
    if (a->rc == 0)
        return a->refusal == STORE_REPLAYED;
    return a->rc != ERR_IO && a->rc != ERR_CORRUPT;
}

void admit_settle(struct store_admission *a, struct blob_store *blobs)
{
    if (a->input.image_kind == STORE_IMAGE_BLOB && is_refused(a)) {
        struct error err; /* what cannot be removed now is swept later */
        int ignored = blob_remove(blobs, a->input.image, &err);
        (void)ignored;
    }
    free_strings(&a->input);
}
