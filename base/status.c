/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

enum bzc_status bzc_error_set(struct bzc_error *err, enum bzc_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;

        err->status = status;
        va_start(args, format);
        if (vsnprintf(err->message, sizeof(err->message), format, args) < 0)
            err->message[0] = '\0';
        va_end(args);
    }
    return status;
}

const char *bzc_status_name(enum bzc_status status)
{
    switch (status) {
    case BZC_OK:
        return "ok";
    case BZC_ERR_IO:
        return "io";
    case BZC_ERR_MEMORY:
        return "memory";
    case BZC_ERR_FORMAT:
        return "format";
    case BZC_ERR_LIMIT:
        return "limit";
    case BZC_ERR_UNSUPPORTED:
        return "unsupported";
    case BZC_ERR_ENGINE:
        return "engine";
    }
    return "unknown";
}
