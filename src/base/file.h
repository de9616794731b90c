/* file.h - whole files: read with a limit, written so that a crash leaves the old or the new.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

/* The bytes of a file, at most max of them; NUL-terminated beyond out->len. The caller calls
 * text_buf_fini. ERR_NOT_FOUND, ERR_IO; ERR_INVALID when it is larger. */
int file_read(const char *path, size_t max, struct text_buf *out, struct error *err) MUST_CHECK;

/* The same from a file that is open; name is for the error. */
int file_read_fd(int fd, const char *name, size_t max, struct text_buf *out,
                 struct error *err) MUST_CHECK;

/* Write beside path, sync, rename over path, sync the folder. */
int file_write(const char *path, struct text bytes, mode_t mode, struct error *err) MUST_CHECK;

/* All of bytes to fd, however many writes it takes. */
int file_write_fd(int fd, struct text bytes, struct error *err) MUST_CHECK;

/* Rename from over to, then sync to's folder: after it the name survives a power cut. The bytes
 * must be synced before. */
int file_publish(const char *from, const char *to, struct error *err) MUST_CHECK;

/* Make the folder and those above it; there already is fine. Those made here survive a power cut.
 */
int file_make_folders(const char *path, mode_t mode, struct error *err) MUST_CHECK;

/* Sync the folder that holds path. */
int file_sync_folder_of(const char *path, struct error *err) MUST_CHECK;

/* Bytes that an unprivileged process may still write where path is; negative code on error. */
int64_t file_free_bytes(const char *path, struct error *err);
