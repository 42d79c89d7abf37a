/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `info` collects (layout, configuration, notes, signatures, embedded kernels) and how it writes it. */
#include "tests/fuzz/targets.h"

#include <stdlib.h>

#include "report/info.h"

static void write_json(const struct bzc_inspection *inspection, FILE *out)
{
    struct bzc_info_json *json;
    struct bzc_error err = {0};

    if (bzc_info_json_new(&json, &err) != BZC_OK ||
        bzc_info_json_add(json, "image", inspection, NULL, &err) != BZC_OK ||
        bzc_info_json_write(json, out, &err) != BZC_OK)
        abort();
    bzc_info_json_free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bzc_inspection *inspection;
    struct bzc_error err = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *memory;

    if (bzc_inspect("image", (struct bzc_bytes){data, size}, &inspection, &err) != BZC_OK)
        return 0;
    memory = open_memstream(&text, &length);
    if (!memory)
        abort();
    bzc_info_text("image", inspection, true, memory);
    write_json(inspection, memory);
    fclose(memory);
    free(text);
    bzc_inspection_free(inspection);
    return 0;
}
