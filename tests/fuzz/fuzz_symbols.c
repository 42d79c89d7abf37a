/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF files given by --symbols: names, source lines, comparison of code. The first byte chooses the part of the boot,
 * the next eight offsets to ask for, the rest is the file.
 */
#include "tests/fuzz/targets.h"

#include <stdlib.h>
#include <string.h>

#include "report/symbols.h"

#define CONTROL_SIZE 9u
#define STEPS        64u

static const char *const stages[] = {"setup", "decompressor", "kernel", "decompressor (relocated)", "kernel (virtual)"};

/* Every text that is told is read to its end. */
static void ask(const struct bzc_symbols *symbols, uint64_t offset)
{
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        struct bzc_symbol symbol;
        bool found = bzc_symbols_find(symbols, stages[i], offset, &symbol);

        if (found != (symbol.name || symbol.source) || (symbol.name && strlen(symbol.name) == 0) ||
            (!symbol.source && symbol.line != 0) || (symbol.source && symbol.line <= 0))
            abort();
        if (symbol.source && strlen(symbol.source) == SIZE_MAX)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t code[4096];
    struct bzc_symbols *symbols;
    struct bzc_error err = {0};
    enum bzc_symbols_part part;

    if (size < CONTROL_SIZE)
        return 0;
    symbols = bzc_symbols_new();
    if (!symbols)
        abort();
    part = (enum bzc_symbols_part)(data[0] % BZC_SYMBOLS_PARTS);
    if (bzc_symbols_add(symbols, part, (struct bzc_bytes){data + CONTROL_SIZE, size - CONTROL_SIZE}, &err) == BZC_OK) {
        uint64_t same = 0, compared = 0;

        for (unsigned i = 0; i < STEPS; i++)
            ask(symbols, i * 0x40u + data[1 + i % 8] % 0x40u);
        ask(symbols, bzc_load64(data + 1));
        bzc_symbols_compare(symbols, part, data[1], (struct bzc_bytes){code, sizeof(code)}, &same, &compared);
        if (same > compared)
            abort();
    } else if (bzc_symbols_has(symbols, part) || err.message[0] == '\0') {
        abort();
    }
    bzc_symbols_free(symbols);
    return 0;
}
