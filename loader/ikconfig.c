/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/ikconfig.h"

#include <stdio.h>
#include <string.h>

#include "loader/compression.h"

#define MARK_SIZE 8u

static const char start_mark[] = "IKCFG_ST", end_mark[] = "IKCFG_ED";

/* The first start mark with a gzip stream behind it: the bare words may also stand in the kernel as a string. */
static bool find_stream(struct bzc_bytes kernel, struct bzc_bytes *stream)
{
    size_t at = 0;

    while (kernel.size - at > MARK_SIZE) {
        const uint8_t *mark = memmem(kernel.data + at, kernel.size - at, start_mark, MARK_SIZE);

        if (mark == NULL)
            return false;
        at = (size_t)(mark - kernel.data) + MARK_SIZE;
        *stream = bzc_bytes_slice(kernel, at, kernel.size);
        if (bzc_compression_identify(*stream) == BZC_COMPRESSION_GZIP)
            return true;
    }
    return false;
}

static bool begins(const char *line, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

static bool ends(const char *line, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(line + length - strlen(word), word, strlen(word)) == 0;
}

static void count_line(const char *line, size_t length, struct bzc_ikconfig *config)
{
    if (begins(line, length, "# CONFIG_") && ends(line, length, " is not set")) {
        config->not_set++;
    } else if (begins(line, length, "CONFIG_") && memchr(line, '=', length) != NULL) {
        config->options++;
        config->yes += ends(line, length, "=y");
        config->module += ends(line, length, "=m");
    }
}

static void count_options(struct bzc_ikconfig *config)
{
    const char *line = (const char *)config->text.data, *end = line + config->text.size;

    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline != NULL ? newline : end;

        count_line(line, (size_t)(stop - line), config);
        line = stop < end ? stop + 1 : end;
    }
}

void bzc_ikconfig_read(struct bzc_bytes kernel, struct bzc_ikconfig *config)
{
    struct bzc_bytes stream;
    struct bzc_error err;
    uint64_t consumed;

    memset(config, 0, sizeof(*config));
    if (kernel.size == 0 || !find_stream(kernel, &stream))
        return;
    config->found = true;
    config->offset = (uint64_t)(stream.data - kernel.data);
    if (bzc_decompress(BZC_COMPRESSION_GZIP, stream, BZC_IKCONFIG_TEXT_MAX, &config->text, &consumed, &err) != BZC_OK) {
        snprintf(config->problem, sizeof(config->problem), "%s", err.message);
        return;
    }
    config->packed_size = consumed;
    if (!bzc_bytes_has(stream, consumed, MARK_SIZE) || memcmp(stream.data + consumed, end_mark, MARK_SIZE) != 0)
        snprintf(config->problem, sizeof(config->problem), "%s does not stand behind it", end_mark);
    count_options(config);
}

void bzc_ikconfig_free(struct bzc_ikconfig *config)
{
    bzc_decompress_free(config->text);
    config->text = (struct bzc_bytes){0};
}
