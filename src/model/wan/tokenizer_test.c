/* tokenizer_test.c - the ids of SentencePiece's own program for 600 prompts, and models that are
 * broken. SPDX-License-Identifier: MIT */
#include "model/wan/tokenizer.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "unit.h"

static const char *golden(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", GOLDEN, name);
    return path;
}

static struct tokenizer *open_golden(const char *name, struct text_buf *bytes)
{
    struct error err;
    struct tokenizer *t = NULL;
    text_buf_init(bytes, 1 << 20);
    CHECK_OK(file_read(golden(name), 1 << 20, bytes, &err), err);
    CHECK_OK(tokenizer_open(&t, (struct text){bytes->at, bytes->len}, &err), err);
    return t;
}

static void check_case(const struct tokenizer *t, const json_t *c)
{
    enum { MOST = 4096 };
    static int32_t ids[MOST];
    struct error err;
    const json_t *s = json_object_get(c, "text"), *want = json_object_get(c, "ids");
    const struct text text = {json_string_value(s), json_string_length(s)};
    const int n = tokenizer_ids(t, text, ids, MOST, &err);
    if (n != (int)json_array_size(want))
        fail_msg("\"%s\": %d ids, %zu expected", text.at, n, json_array_size(want));
    for (int i = 0; i < n; i++)
        if (ids[i] != json_integer_value(json_array_get(want, (size_t)i)))
            fail_msg("\"%s\": id %d is %d", text.at, i, ids[i]);
}

static void check_cases(const char *model, const char *cases)
{
    SCOPED(text_buf) struct text_buf bytes;
    SCOPED(tokenizer) struct tokenizer *t = open_golden(model, &bytes);
    json_error_t where;
    json_t *root = json_load_file(golden(cases), JSON_ALLOW_NUL, &where);
    assert_non_null(root);
    const json_t *list = json_object_get(root, "cases");
    assert_int_equal(json_array_size(list), 300);
    for (size_t i = 0; i < json_array_size(list); i++)
        check_case(t, json_array_get(list, i));
    assert_int_equal(tokenizer_size(t), 1024);
    assert_int_equal(tokenizer_pad(t), 0);
    json_decref(root);
}

TEST(prompts_are_split_as_sentencepiece_splits_them)
{
    check_cases("spm_identity.model", "spm_identity_cases.json");
}

TEST(prompts_are_normalised_and_split_as_sentencepiece_does_it)
{
    check_cases("spm_nfkc.model", "spm_nfkc_cases.json");
}

TEST(a_long_prompt_keeps_its_end_token)
{
    SCOPED(text_buf) struct text_buf bytes;
    SCOPED(tokenizer) struct tokenizer *t = open_golden("spm_nfkc.model", &bytes);
    struct error err;
    int32_t ids[8];
    const char *prompt = "a dragon over the tallest mountain rushes towards the camera";
    assert_int_equal(tokenizer_ids(t, text_of(prompt), ids, 8, &err), 8);
    assert_int_equal(ids[7], 1);
    assert_int_equal(tokenizer_ids(t, text_of(""), ids, 8, &err), 1);
    assert_int_equal(ids[0], 1);
}

TEST(bytes_that_are_no_text_become_the_replacement_character)
{
    SCOPED(text_buf) struct text_buf bytes;
    SCOPED(tokenizer) struct tokenizer *t = open_golden("spm_identity.model", &bytes);
    struct error err;
    int32_t bad[16], good[16];
    const int n = tokenizer_ids(t, text_of("a \xff b"), bad, 16, &err);
    assert_int_equal(tokenizer_ids(t, text_of("a \xef\xbf\xbd b"), good, 16, &err), n);
    assert_memory_equal(bad, good, (size_t)n * sizeof *bad);
}

TEST(a_model_that_is_cut_off_is_refused)
{
    SCOPED(text_buf) struct text_buf bytes;
    tokenizer_close(open_golden("spm_nfkc.model", &bytes));
    for (size_t n = 0; n < bytes.len; n += n < 64 ? 1 : 997) {
        struct error err;
        struct tokenizer *t = NULL;
        const int code = tokenizer_open(&t, (struct text){bytes.at, n}, &err);
        /* Cut between two pieces it is a smaller model; its ids may not be there then. */
        if (code < 0)
            assert_int_equal(code, ERR_CORRUPT);
        tokenizer_close(t);
    }
}
