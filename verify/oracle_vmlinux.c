/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "verify/oracle_parts.h"

static void set_problem(struct bzc_vmlinux_result *result, const char *text)
{
    snprintf(result->problem, sizeof(result->problem), "%s", text);
}

/* Whether both files are of one build; else result->problem says why that is not known. */
static bool same_build(const struct bzc_oracle *oracle, const struct bzc_elf *vmlinux,
                       struct bzc_vmlinux_result *result)
{
    const struct bzc_elf *elf = &oracle->elf;

    if (elf->build_id_size == 0)
        set_problem(result, "the payload has no build ID, so it cannot be told whether the vmlinux belongs to it");
    else if (vmlinux->build_id_size == 0)
        set_problem(result, "the vmlinux has no build ID, so it cannot be told whether it belongs to the payload");
    else if (elf->build_id_size != vmlinux->build_id_size ||
             memcmp(elf->build_id, vmlinux->build_id, elf->build_id_size) != 0)
        set_problem(result, "the vmlinux has another build ID than the payload: it is of another build");
    else
        return true;
    return false;
}

static const struct bzc_elf_segment *find_paddr(const struct bzc_elf *elf, uint64_t paddr)
{
    size_t i;

    for (i = 0; i < elf->load_count; i++) {
        if (elf->load[i].filesz != 0 && elf->load[i].paddr == paddr)
            return &elf->load[i];
    }
    return NULL;
}

static size_t first_difference(struct bzc_bytes a, struct bzc_bytes b)
{
    size_t i;

    for (i = 0; i < a.size && i < b.size && a.data[i] == b.data[i]; i++) {
    }
    return i;
}

/* `ours` is of the payload, `theirs` of the vmlinux. */
static bool compare_segment(const struct bzc_elf *payload, const struct bzc_elf_segment *ours,
                            const struct bzc_elf *vmlinux, const struct bzc_elf_segment *theirs,
                            struct bzc_vmlinux_result *result)
{
    struct bzc_bytes actual = bzc_bytes_slice(payload->file, ours->offset, ours->filesz), expected;
    size_t at;

    result->segment = ours->index;
    result->paddr = ours->paddr;
    if (theirs == NULL) {
        snprintf(result->what, sizeof(result->what), "the vmlinux has no segment like the payload's segment %u",
                 ours->index);
        return false;
    }
    expected = bzc_bytes_slice(vmlinux->file, theirs->offset, theirs->filesz);
    if (ours->memsz != theirs->memsz) {
        snprintf(result->what, sizeof(result->what), "segment %u takes 0x%llx bytes of memory instead of 0x%llx",
                 ours->index, (unsigned long long)ours->memsz, (unsigned long long)theirs->memsz);
        return false;
    }
    if (actual.size == expected.size && memcmp(actual.data, expected.data, actual.size) == 0)
        return true;
    at = first_difference(actual, expected);
    result->paddr = ours->paddr + at;
    if (at < actual.size && at < expected.size) {
        result->expected = expected.data[at];
        result->actual = actual.data[at];
        snprintf(result->what, sizeof(result->what), "a byte differs");
    } else {
        snprintf(result->what, sizeof(result->what), "segment %u has 0x%zx bytes instead of 0x%zx", ours->index,
                 actual.size, expected.size);
    }
    return false;
}

static bool compare_all(const struct bzc_elf *payload, const struct bzc_elf *vmlinux, struct bzc_vmlinux_result *result)
{
    size_t i;

    for (i = 0; i < payload->load_count; i++) {
        const struct bzc_elf_segment *ours = &payload->load[i];

        if (ours->filesz != 0 && !compare_segment(payload, ours, vmlinux, find_paddr(vmlinux, ours->paddr), result))
            return false;
    }
    result->segment = 0;
    result->paddr = 0;
    for (i = 0; i < vmlinux->load_count; i++) {
        if (vmlinux->load[i].filesz != 0 && find_paddr(payload, vmlinux->load[i].paddr) == NULL) {
            result->paddr = vmlinux->load[i].paddr;
            snprintf(result->what, sizeof(result->what), "the payload lacks segment %u of the vmlinux",
                     vmlinux->load[i].index);
            return false;
        }
    }
    if (payload->entry != vmlinux->entry) {
        snprintf(result->what, sizeof(result->what), "the entry differs: 0x%llx instead of 0x%llx",
                 (unsigned long long)payload->entry, (unsigned long long)vmlinux->entry);
        return false;
    }
    return true;
}

/*
 * A flat payload is what objcopy makes of the vmlinux: the bytes of all segments at their distance from the lowest. It
 * has no build ID: a vmlinux of another build just differs.
 */
static bool compare_flat(struct bzc_bytes flat, const struct bzc_elf *vmlinux, struct bzc_vmlinux_result *result)
{
    for (size_t i = 0; i < vmlinux->load_count; i++) {
        const struct bzc_elf_segment *segment = &vmlinux->load[i];
        struct bzc_bytes expected = bzc_bytes_slice(vmlinux->file, segment->offset, segment->filesz);
        struct bzc_bytes actual = bzc_bytes_slice(flat, segment->paddr - vmlinux->paddr_min, segment->filesz);
        size_t at = first_difference(actual, expected);

        if (at == expected.size)
            continue;
        result->paddr = segment->paddr + at;
        if (at < actual.size) {
            result->expected = expected.data[at];
            result->actual = actual.data[at];
            snprintf(result->what, sizeof(result->what), "a byte differs");
        } else {
            snprintf(result->what, sizeof(result->what), "it ends before the end of segment %u of the vmlinux",
                     segment->index);
        }
        return false;
    }
    return true;
}

void bzc_oracle_compare_vmlinux(const struct bzc_oracle *oracle, struct bzc_bytes vmlinux,
                                struct bzc_vmlinux_result *result)
{
    struct bzc_error err = {BZC_OK, ""};
    struct bzc_elf elf;

    memset(result, 0, sizeof(*result));
    if (oracle->segment_count == 0) {
        set_problem(result, "the payload holds no usable kernel");
    } else if (bzc_elf_parse(vmlinux, &elf, &err) != BZC_OK) {
        snprintf(result->problem, sizeof(result->problem), "vmlinux: %.200s", err.message);
    } else if (oracle->kind == BZC_PAYLOAD_FLAT) {
        result->checked = true;
        result->matches = compare_flat(oracle->payload, &elf, result);
    } else if (same_build(oracle, &elf, result)) {
        result->checked = true;
        result->matches = compare_all(&oracle->elf, &elf, result);
    }
}
