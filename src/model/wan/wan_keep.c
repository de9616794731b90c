/* wan_keep.c - the sampler's state between two steps, on the disk.
 *
 *     0   "ZTWAN1\0\0"
 *     8   u32 steps done, u32 0
 *     16  u64 number of floats
 *     24  SHA-256 of the request: what another request, model or setting left is not taken
 *     56  SHA-256 of the floats
 *     88  floats
 *
 * Little-endian, as the machine that reads it is the one that wrote it. Written aside, synced and
 * renamed: the file is always one whole state.
 *
 * SPDX-License-Identifier: MIT */
#include "model/wan/wan_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

struct head {
    char magic[8];
    uint32_t done, zero;
    uint64_t n_floats;
    uint8_t request[HASH_SIZE], floats[HASH_SIZE];
};
_Static_assert(sizeof(struct head) == 88, "the layout above");

static const char magic[8] = "ZTWAN1";

static void add(struct hash_sha256_run *h, const void *bytes, size_t n)
{
    hash_sha256_add(h, (struct text){bytes, n});
}

/* A file of weights by its size and time: reading it would take minutes. */
static void add_file(struct hash_sha256_run *h, const char *path)
{
    struct stat st;
    if (!path || stat(path, &st) < 0)
        return;
    add(h, path, strlen(path) + 1);
    add(h, &st.st_size, sizeof st.st_size);
    add(h, &st.st_mtim.tv_sec, sizeof st.st_mtim.tv_sec);
}

/* ", avx512, bf16" of "2 threads, avx512, bf16": the number of threads changes no bit. */
static const char *kernels(const struct nn *nn)
{
    const char *all = nn_summary(nn), *comma = strchr(all, ',');
    return comma ? comma : all;
}

/* All that the latent depends on. */
static void digest(const struct wan_clip *c, uint8_t out[HASH_SIZE])
{
    const struct wan_options *o = &c->w->set;
    struct hash_sha256_run h;
    const double numbers[] = {o->sampler,       o->n_steps,  o->shift,    o->guidance,
                              o->guidance_high, o->boundary, c->q->width, c->q->height,
                              c->q->n_frames,   o->n_times,  o->n_loras,  c->n_texts};
    hash_sha256_begin(&h);
    add(&h, numbers, sizeof numbers);
    add(&h, &c->q->seed, sizeof c->q->seed);
    add(&h, kernels(c->w->nn), strlen(kernels(c->w->nn)));
    add(&h, c->q->image.shape, (size_t)c->q->image.n_dims * sizeof *c->q->image.shape);
    add(&h, o->times, sizeof o->times);
    for (int i = 0; i < c->n_texts; i++)
        add(&h, c->ids[i], (size_t)c->n_ids[i] * sizeof *c->ids[i]);
    if (c->q->image.n_dims)
        add(&h, c->q->image.data, tensor_bytes(&c->q->image));
    for (int i = 0; i < PARTS; i++)
        add_file(&h, c->w->parts->path[i]);
    for (int i = 0; i < o->n_loras; i++) {
        add_file(&h, o->loras[i].path);
        add(&h, &o->loras[i].strength, sizeof o->loras[i].strength);
        add(&h, &o->loras[i].expert, sizeof o->loras[i].expert);
    }
    hash_sha256_end(&h, out);
}

static void describe(const struct wan_clip *c, struct head *head, struct text floats)
{
    *head = (struct head){.done = (uint32_t)sampler_done(c->sampler),
                          .n_floats = floats.len / sizeof(float)};
    memcpy(head->magic, magic, sizeof magic);
    digest(c, head->request);
    hash_sha256(floats, head->floats);
}

static struct text state_of(const struct wan_clip *c)
{
    int64_t n;
    const float *floats = sampler_state(c->sampler, &n);
    return (struct text){(const char *)floats, (size_t)n * sizeof *floats};
}

static int save(const struct wan_clip *c, const char *path, struct error *err)
{
    SCOPED(mem) char *aside = mem_printf("%s.part", path);
    struct head head;
    const struct text floats = state_of(c);
    describe(c, &head, floats);
    SCOPED(fd) int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, errno, "create %s", aside);
    int code = file_write_fd(fd, (struct text){(const char *)&head, sizeof head}, err);
    if (code == 0)
        code = file_write_fd(fd, floats, err);
    if (code == 0 && fsync(fd) < 0)
        code = error_errno(err, errno, "sync %s", aside);
    if (code == 0)
        code = file_publish(aside, path, err);
    if (code < 0)
        unlink(aside); /* half of a state is of no use, and a full disk needs its room */
    return code;
}

void wan_keep_save(struct wan_clip *c)
{
    struct error why;
    if (!c->q->keep || save(c, c->q->keep, &why) == 0 || c->warned)
        return;
    c->warned = true;
    error_prefix(&why, "a later attempt cannot go on from here");
    if (c->run->warn)
        c->run->warn(c->run->arg, &why);
}

bool wan_keep_load(struct wan_clip *c)
{
    struct error err;
    struct head head, want;
    if (!c->q->keep)
        return false;
    SCOPED(text_buf) struct text_buf file;
    const struct text mine = state_of(c);
    text_buf_init(&file, sizeof head + mine.len);
    if (file_read(c->q->keep, sizeof head + mine.len, &file, &err) < 0 ||
        file.len != sizeof head + mine.len)
        return false;
    memcpy(&head, file.at, sizeof head);
    const struct text floats = {file.at + sizeof head, mine.len};
    describe(c, &want, floats);
    if (memcmp(head.magic, magic, sizeof magic) != 0 || head.n_floats != want.n_floats ||
        memcmp(head.request, want.request, HASH_SIZE) != 0 ||
        memcmp(head.floats, want.floats, HASH_SIZE) != 0 || head.done > INT32_MAX)
        return false;
    int64_t n;
    memcpy(sampler_state(c->sampler, &n), floats.at, floats.len);
    return sampler_resume(c->sampler, (int)head.done, &err) == 0;
}
