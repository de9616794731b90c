/* parts.h - the parts of a Wan model in a folder, told by what is in the files.
 *
 * The same model is published as one repository with names of its own, as the folders of
 * diffusers, as single files for ComfyUI, as GGUF files: names of files say little, so each file
 * of weights is opened (mapped, not read) and asked which component's tensors it has. Of two
 * transformers the one whose path, behind the folders that both share, says "high", or that stands
 * beside a "transformer_2", is the expert for high noise.
 *
 * Thread: the owner's.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include "base/error.h"
#include "base/scope.h"
#include "model/wan/tokenizer.h"
#include "nn/weights.h"

enum part {
    PART_DIT,      /* the transformer, or of two the expert for low noise */
    PART_DIT_HIGH, /* the expert for high noise: A14B only                */
    PART_TEXT,     /* umt5                                                */
    PART_CLIP,     /* image to video of 2.1 only                          */
    PART_VAE,
    PARTS
};

const char *part_name(enum part p); /* "transformer"; for people; static */

struct parts {
    char *path[PARTS];           /* NULL: not there */
    struct weights *file[PARTS]; /* NULL likewise   */
    char *tokenizer_path;        /* of a .model file; NULL: it is within the text encoder's file */
    struct tokenizer *tokenizer; /* NULL: there is none */
    int n_others;                /* files of weights that are none of these */
};

/* Where to look. given[p], when not NULL, is that part's file or folder and goes before what the
 * folder has. */
struct parts_places {
    const char *folder; /* looked through three levels deep; may be a single file; NULL: none */
    const char *given[PARTS];
    const char *tokenizer;
};

/* Who fills a folder file by file keeps a file of this name in it until all have come. */
#define PARTS_UNFINISHED ".unfinished"

/* Have all files come that were to come? */
bool parts_are_whole(const char *folder);

/* Open what is there; what is missing is not an error here. ERR_NOT_FOUND a path that is not
 * there, or more files of the folder are to come; ERR_INVALID two files for one part, with both
 * names; ERR_CORRUPT, ERR_IO of a file. parts_fini by the caller in any case. */
int parts_open(struct parts *out, const struct parts_places *places, struct error *err) MUST_CHECK;
void parts_fini(struct parts *p); /* zeroed is fine */
SCOPED_FINI(parts)
