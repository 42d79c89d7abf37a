/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sources of loader/wrap.h share. */
#ifndef BZC_LOADER_WRAP_PARTS_H
#define BZC_LOADER_WRAP_PARTS_H

#include "loader/pe.h"
#include "loader/wrap.h"

/* An old byte at file offset `at` or behind it is `shift` bytes further in the new file; `grown` as in bzc_wrapped. */
struct bzc_wrap_hole {
    uint64_t at;
    uint32_t shift, grown;
    uint32_t init_size; /* of the old image; 0 before 2.10 */
};

/* Notes a change unless the numbers are equal. */
void bzc_wrap_note(struct bzc_wrapped *wrapped, uint64_t before, uint64_t after, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Writes the bytes in front of the decompressor (wrapped->shift of them) as *wrapped describes them: bits, legacy_safe,
 * entries, segments.
 */
void bzc_wrap_write_front(const struct bzc_wrapped *wrapped, uint8_t *front);

/* The size of the code before the decompressor's first byte that takes `grown` off init_size; 0 when there is none. */
uint32_t bzc_wrap_prologue_size(uint32_t grown);

/*
 * Adjusts the PE headers of the new image, `file` with `size` bytes; *pe are the old ones. The certificate table's
 * directory entry is emptied. CheckSum is left as it was.
 * Errors: BZC_ERR_UNSUPPORTED, with nothing changed that matters to the caller.
 */
enum bzc_status bzc_wrap_adjust_pe(uint8_t *file, size_t size, const struct bzc_pe *pe,
                                   const struct bzc_wrap_hole *hole, struct bzc_wrapped *wrapped,
                                   struct bzc_error *err);

#endif
