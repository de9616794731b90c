/* parts_test.c - which file of a folder is which part. SPDX-License-Identifier: MIT */
#include "model/wan/parts.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "unit.h"

/* A folder of the test's own with links to golden files: "sub/name=golden" words. */
static const char *make_folder(const char *name, const char *const *words)
{
    static char folder[512];
    struct error err;
    snprintf(folder, sizeof folder, "%s/%s", unit_folder(), name);
    for (; *words; words++) {
        const char *equals = strchr(*words, '=');
        SCOPED(mem) char *to = mem_printf("%s/%.*s", folder, (int)(equals - *words), *words);
        SCOPED(mem) char *from = mem_printf("%s/%s", GOLDEN, equals + 1);
        SCOPED(mem) char *above = mem_dup_n(to, (size_t)(strrchr(to, '/') - to));
        CHECK_OK(file_make_folders(above, 0755, &err), err);
        assert_int_equal(symlink(from, to), 0);
    }
    return folder;
}

static int open_folder(struct parts *p, const char *folder, struct error *err)
{
    const struct parts_places places = {.folder = folder};
    return parts_open(p, &places, err);
}

static void check_ends(const char *path, const char *ending)
{
    assert_non_null(path);
    if (strlen(path) < strlen(ending) || strcmp(path + strlen(path) - strlen(ending), ending) != 0)
        fail_msg("%s does not end in %s", path, ending);
}

TEST(parts_are_told_by_their_tensors_whatever_the_files_are_called)
{
    static const char *const words[] = {"a.safetensors=vae21.safetensors",
                                        "b/c.safetensors=umt5.safetensors",
                                        "d.safetensors=dit_i2v21.safetensors",
                                        "x/y/clip.safetensors=clip_vision.safetensors",
                                        "google/umt5/spiece.model=spm_nfkc.model",
                                        "notes.safetensors=sched_tables.safetensors",
                                        NULL};
    SCOPED(parts) struct parts p = {0};
    struct error err;
    CHECK_OK(open_folder(&p, make_folder("all", words), &err), err);
    check_ends(p.path[PART_VAE], "/a.safetensors");
    check_ends(p.path[PART_TEXT], "/b/c.safetensors");
    check_ends(p.path[PART_DIT], "/d.safetensors");
    check_ends(p.path[PART_CLIP], "/x/y/clip.safetensors");
    assert_null(p.path[PART_DIT_HIGH]);
    assert_non_null(p.tokenizer);
    assert_int_equal(p.n_others, 1);
}

TEST(of_two_transformers_the_high_one_is_told_by_its_path)
{
    static const char *const official[] = {"high_noise_model/m.safetensors=dit_i2v22.safetensors",
                                           "low_noise_model/m.safetensors=dit_i2v22.safetensors",
                                           NULL};
    static const char *const diffusers[] = {"transformer/m.safetensors=dit_i2v22.safetensors",
                                            "transformer_2/m.safetensors=dit_i2v22.safetensors",
                                            NULL};
    static const char *const mixed[] = {"wan2.2_i2v_high_noise.safetensors=dit_i2v22.safetensors",
                                        "wan2.2_i2v_low_noise.gguf=dit_i2v22_q8_0.gguf", NULL};
    struct error err;
    SCOPED(parts) struct parts a = {0};
    SCOPED(parts) struct parts b = {0};
    SCOPED(parts) struct parts c = {0};
    CHECK_OK(open_folder(&a, make_folder("official", official), &err), err);
    check_ends(a.path[PART_DIT_HIGH], "/high_noise_model/m.safetensors");
    check_ends(a.path[PART_DIT], "/low_noise_model/m.safetensors");
    CHECK_OK(open_folder(&b, make_folder("diffusers", diffusers), &err), err);
    check_ends(b.path[PART_DIT_HIGH], "/transformer/m.safetensors");
    check_ends(b.path[PART_DIT], "/transformer_2/m.safetensors");
    CHECK_OK(open_folder(&c, make_folder("mixed", mixed), &err), err);
    check_ends(c.path[PART_DIT_HIGH], "high_noise.safetensors");
    check_ends(c.path[PART_DIT], "low_noise.gguf");
}

TEST(a_folder_that_says_high_says_nothing_of_the_experts_in_it)
{
    static const char *const words[] = {
        "my-high-end/Wan2_2-T2V_HIGH_fp8.safetensors=dit_i2v22.safetensors",
        "my-high-end/Wan2_2-T2V_LOW_fp8.safetensors=dit_i2v22.safetensors", NULL};
    struct error err;
    SCOPED(parts) struct parts p = {0};
    CHECK_OK(open_folder(&p, make_folder("end", words), &err), err);
    check_ends(p.path[PART_DIT_HIGH], "_HIGH_fp8.safetensors");
    check_ends(p.path[PART_DIT], "_LOW_fp8.safetensors");
}

TEST(the_tokenizer_of_another_language_model_is_not_taken)
{
    static const char *const alone[] = {
        "xlm-roberta-large/sentencepiece.bpe.model=spm_identity.model", NULL};
    static const char *const both[] = {"a.model=spm_identity.model",
                                       "z/spiece.model=spm_nfkc.model",
                                       "y/spiece.model=spm_nfkc.model", NULL};
    struct error err;
    SCOPED(parts) struct parts p = {0};
    SCOPED(parts) struct parts q = {0};
    CHECK_OK(open_folder(&p, make_folder("alone", alone), &err), err);
    assert_null(p.tokenizer);
    CHECK_OK(open_folder(&q, make_folder("several", both), &err), err);
    check_ends(q.tokenizer_path, "y/spiece.model");
}

TEST(two_files_for_one_part_are_refused_by_name_unless_one_is_given)
{
    static const char *const words[] = {"one.safetensors=vae21.safetensors",
                                        "two.safetensors=vae22.safetensors", NULL};
    struct error err;
    SCOPED(parts) struct parts p = {0};
    SCOPED(parts) struct parts q = {0};
    const char *folder = make_folder("twice", words);
    CHECK_ERR(open_folder(&p, folder, &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "one.safetensors"));
    assert_non_null(strstr(err.text, "two.safetensors"));
    SCOPED(mem) char *two = mem_printf("%s/two.safetensors", folder);
    const struct parts_places places = {.folder = folder, .given = {[PART_VAE] = two}};
    CHECK_OK(parts_open(&q, &places, &err), err);
    check_ends(q.path[PART_VAE], "/two.safetensors");
}

TEST(a_file_given_for_another_part_is_refused)
{
    struct error err;
    SCOPED(parts) struct parts p = {0};
    SCOPED(parts) struct parts q = {0};
    const struct parts_places wrong = {.given = {[PART_VAE] = GOLDEN "/umt5.safetensors"}};
    CHECK_ERR(parts_open(&p, &wrong, &err), ERR_INVALID);
    assert_non_null(strstr(err.text, "text encoder"));
    const struct parts_places nowhere = {.folder = "/nowhere/at/all"};
    CHECK_ERR(parts_open(&q, &nowhere, &err), ERR_NOT_FOUND);
}
