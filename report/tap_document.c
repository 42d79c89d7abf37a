/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/tap_document.h"

#include <stdlib.h>

static enum bzc_status no_memory(struct bzc_error *err)
{
    return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the TAP report");
}

enum bzc_status bzc_tap_document_open(FILE *out, void **context, struct bzc_error *err)
{
    struct bzc_tap_document *document = calloc(1, sizeof(*document));

    *context = document;
    if (!document)
        return no_memory(err);
    document->out = out;
    document->body = open_memstream(&document->data, &document->size);
    return document->body ? BZC_OK : no_memory(err);
}

void bzc_tap_document_indent(struct bzc_tap_document *document, unsigned level, unsigned indent)
{
    fprintf(document->body, "%*s", (int)(indent * level), "");
}

enum bzc_status bzc_tap_document_state(const struct bzc_tap_document *document, struct bzc_error *err)
{
    return document->failed || ferror(document->body) ? no_memory(err) : BZC_OK;
}

enum bzc_status bzc_tap_document_close(struct bzc_tap_document *document, const char *version, struct bzc_error *err)
{
    if (fflush(document->body) != 0)
        return no_memory(err);
    if (fprintf(document->out, "%s\n1..%zu\n", version, document->images) > 0 &&
        fwrite(document->data, 1, document->size, document->out) == document->size && fflush(document->out) == 0)
        return BZC_OK;
    return bzc_error_set(err, BZC_ERR_IO, "cannot write the TAP report");
}

void bzc_tap_document_free(void *context)
{
    struct bzc_tap_document *document = context;

    if (!document)
        return;
    if (document->body)
        fclose(document->body);
    free(document->data);
    free(document);
}
