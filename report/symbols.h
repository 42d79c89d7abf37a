/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names and source lines of the guest's code, from ELF files with symbols: setup.elf, compressed/vmlinux, vmlinux.
 * Where a part of the boot runs does not matter: it is asked for by its own bytes.
 */
#ifndef BZC_REPORT_SYMBOLS_H
#define BZC_REPORT_SYMBOLS_H

#include "base/bytes.h"
#include "base/status.h"

/* The parts of a boot that have an ELF file of their own. */
enum bzc_symbols_part { BZC_SYMBOLS_SETUP, BZC_SYMBOLS_DECOMPRESSOR, BZC_SYMBOLS_KERNEL, BZC_SYMBOLS_PARTS };
/* "setup", "decompressor", "kernel". */
const char *bzc_symbols_part_name(enum bzc_symbols_part part);
/* False when there is none of that name. */
bool bzc_symbols_part_find(const char *name, size_t length, enum bzc_symbols_part *part);

struct bzc_symbols;

/* NULL without memory. */
struct bzc_symbols *bzc_symbols_new(void);
/*
 * Reads the symbols of a part. `file`, which stays borrowed until bzc_symbols_free(), is the whole ELF file, any bytes.
 * Errors, without a path: BZC_ERR_FORMAT (no ELF file, not of x86, nothing loaded, no symbols), BZC_ERR_MEMORY.
 */
enum bzc_status bzc_symbols_add(struct bzc_symbols *symbols, enum bzc_symbols_part part, struct bzc_bytes file,
                                struct bzc_error *err);
void bzc_symbols_free(struct bzc_symbols *symbols);
/* The part's code begins so many bytes behind the place from which it is asked for (`bzcheck wrap --elf`). */
void bzc_symbols_shift(struct bzc_symbols *symbols, enum bzc_symbols_part part, uint64_t shift);
bool bzc_symbols_has(const struct bzc_symbols *symbols, enum bzc_symbols_part part);

/*
 * Compares the code in the ELF file with `bytes`, which lie at `offset` of the part as it is in the image. Adds the
 * bytes that are in both to *compared, and those that are the same to *same.
 */
void bzc_symbols_compare(const struct bzc_symbols *symbols, enum bzc_symbols_part part, uint64_t offset,
                         struct bzc_bytes bytes, uint64_t *same, uint64_t *compared);

struct bzc_symbol {
    const char *name;   /* as in the file: any bytes; NULL when none is known */
    uint64_t offset;    /* from the symbol */
    const char *source; /* file name as in the debug information: any bytes; NULL when none is known */
    int line;
};

/*
 * What lies at `offset` of the part that `stage` (see struct bzc_stage) runs: of setup from the start of its segment,
 * of the decompressor from the start of the protected-mode part, of the kernel from its lowest physical address. False,
 * with everything NULL, when nothing is known. `symbols` may be NULL.
 */
bool bzc_symbols_find(const struct bzc_symbols *symbols, const char *stage, uint64_t offset, struct bzc_symbol *symbol);

#endif
