/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What loaders read in the kernel's command line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/plan_parts.h"

#define VID_MODE_NORMAL 0xffffu
#define VID_MODE_EXT    0xfffeu
#define VID_MODE_ASK    0xfffdu

/* What follows `name` in the first word from `text` on that begins with it, or NULL. */
static const char *first_option(const char *text, const char *name)
{
    size_t length = strlen(name);

    while (*text != '\0') {
        text += strspn(text, " \t");
        if (strncmp(text, name, length) == 0)
            return text + length;
        text += strcspn(text, " \t");
    }
    return NULL;
}

/* The same behind the word that `text` lies in. */
static const char *next_option(const char *text, const char *name)
{
    return first_option(text + strcspn(text, " \t"), name);
}

static bool ends_word(const char *text)
{
    return *text == '\0' || *text == ' ' || *text == '\t';
}

bool bzc_cmdline_has(const char *cmdline, const char *option)
{
    for (const char *end = first_option(cmdline, option); end; end = next_option(end, option))
        if (ends_word(end))
            return true;
    return false;
}

static bool is_word(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0 && ends_word(text + strlen(word));
}

/* boot.rst, "Special Command Line Options": vga=. A value that is none of these leaves the normal mode. */
uint16_t bzc_cmdline_vid_mode(const char *cmdline)
{
    const char *value = first_option(cmdline, "vga=");
    uint16_t mode = VID_MODE_NORMAL;

    for (; value != NULL; value = next_option(value, "vga=")) {
        unsigned long long number;
        char *end;

        if (is_word(value, "normal")) {
            mode = VID_MODE_NORMAL;
        } else if (is_word(value, "ext")) {
            mode = VID_MODE_EXT;
        } else if (is_word(value, "ask")) {
            mode = VID_MODE_ASK;
        } else if (*value >= '0' && *value <= '9') {
            errno = 0;
            number = strtoull(value, &end, 0);
            if (errno == 0 && ends_word(end) && number <= UINT16_MAX)
                mode = (uint16_t)number;
        }
    }
    return mode;
}

/* K, M, G, ... as a shift; 0 when it is no unit. */
static unsigned unit_shift(char unit)
{
    static const char units[] = "KMGTPE";

    for (unsigned i = 0; units[i] != '\0'; i++)
        if ((unit & ~0x20) == units[i])
            return 10 * (i + 1);
    return 0;
}

/* The same section: mem= ends the memory that an initrd may use. The smallest of several counts, as in the kernel. */
uint64_t bzc_cmdline_mem_limit(const char *cmdline)
{
    const char *value = first_option(cmdline, "mem=");
    uint64_t limit = UINT64_MAX;

    for (; value != NULL; value = next_option(value, "mem=")) {
        unsigned long long number;
        unsigned shift;
        char *end;

        if (*value < '0' || *value > '9')
            continue;
        errno = 0;
        number = strtoull(value, &end, 0);
        if (errno != 0)
            continue;
        shift = unit_shift(*end);
        if (ends_word(end + (shift != 0)) && number <= UINT64_MAX >> shift && number << shift < limit)
            limit = number << shift;
    }
    return limit;
}
