/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tools/bzcheck/command.h"

bool bzc_document_put(const char *path, const char *data, size_t size)
{
    struct bzc_error err = {0};

    if (strcmp(path, "-") == 0) {
        fwrite(data, 1, size, stdout);
        return true;
    }
    if (bzc_file_write(path, data, size, &err) == BZC_OK)
        return true;
    bzc_complain("bzcheck", "%s", err.message);
    return false;
}

bool bzc_document_write(const char *path, bzc_document_writer *writer, const void *document)
{
    struct bzc_error err = {0};
    enum bzc_status status;
    char *data = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&data, &size);

    if (!memory) {
        bzc_complain("bzcheck", "no memory for the JSON report");
        return false;
    }
    status = writer(document, memory, &err);
    if (fclose(memory) != 0 && status == BZC_OK)
        status = bzc_error_set(&err, BZC_ERR_MEMORY, "no memory for the JSON report");
    if (status == BZC_OK) {
        bool written = bzc_document_put(path, data, size);

        free(data);
        return written;
    }
    free(data);
    bzc_complain("bzcheck", "%s", err.message);
    return false;
}
