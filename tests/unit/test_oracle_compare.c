/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "oracle_samples.h"

/*
 * Kernel 64 in a guest, linked to 0x1000000, placed at 0x2004000, moved in virtual memory by 0x6000000. The slots'
 * values by hand: 0x81002000 + 0x6000000 = 0x87002000, 0x10 - 0x6000000 = 0xfa000010 (modulo 2^32),
 * 0xffffffff81000123 + 0x6000000 = 0xffffffff87000123, 0x81000200 + 0x6000000 = 0x87000200.
 */
#define BASE  0x2004000u
#define DELTA 0x6000000u

static struct sample payload;
static struct ram ram;
static const struct bzc_guest_view guest = {&ram, ram_view};
static struct bzc_comparison result;

static uint8_t *at(uint64_t offset)
{
    return ram.data + (BASE - RAM_START) + offset;
}

static void place_linked(void)
{
    sample_k64(&payload);
    sample_k64_table(&payload);
    memset(&ram, 0, sizeof(ram));
    memcpy(at(0), payload.data + K64_FILE_A, 0x300);
    memcpy(at(0x1000), payload.data + K64_FILE_B, 0x80);
    memcpy(at(0x2000), payload.data + K64_FILE_C, 0x200);
}

static void place_moved(void)
{
    place_linked();
    bzc_store32(at(0x20), 0x87002000);
    bzc_store32(at(0x1008), 0xfa000010);
    bzc_store64(at(0x2010), 0xffffffff87000123);
    bzc_store32(at(0x2041), 0x87000200);
}

static void compare(void)
{
    struct bzc_oracle *oracle = sample_payload_oracle(&payload);

    assert_non_null(oracle);
    bzc_oracle_compare(oracle, &guest, BASE, &result);
    bzc_oracle_free(oracle);
}

static void assert_all_match(int64_t delta)
{
    static const uint64_t offset[] = {0, 0x1000, 0x2000};
    static const size_t size[] = {0x300, 0x80, 0x200};
    static const unsigned index[] = {0, 2, 3};
    char sha256[BZC_SHA256_HEX_SIZE];
    size_t i;

    assert_int_equal(result.base, BASE);
    assert_int_equal(result.virt_delta, delta);
    assert_int_equal(result.relocations, 4);
    assert_int_equal(result.bad_slots, 0);
    assert_int_equal(result.segment_count, 3);
    for (i = 0; i < 3; i++) {
        const struct bzc_segment_result *segment = &result.segment[i];

        assert_int_equal(segment->index, index[i]);
        assert_int_equal(segment->phys, BASE + offset[i]);
        assert_true(segment->matches);
        assert_int_equal(segment->differences, 0);
        assert_false(segment->zero);
        assert_false(segment->found_elsewhere);
        bzc_sha256_hex(at(offset[i]), size[i], sha256);
        assert_string_equal(segment->sha256, sha256);
    }
}

static void kernel_in_place_matches(void **state)
{
    (void)state;
    place_linked();
    compare();
    assert_all_match(0);
}

static void relocated_kernel_matches(void **state)
{
    (void)state;
    place_moved();
    compare();
    assert_all_match(DELTA);
}

/* Each kind of slot alone says the same delta. */
static void delta_is_read_from_every_kind(void **state)
{
    static const uint32_t table[][5] = {{0, 0x81002010, 0, 0, 0}, {0, 0, 0x81001008, 0, 0}, {0, 0, 0, 0, 0x81000020}};
    static const size_t words[] = {4, 4, 5};
    size_t i, k;

    (void)state;
    for (i = 0; i < 3; i++) {
        place_moved();
        payload.size = K64_END;
        for (k = 0; k < words[i]; k++)
            sample_u32(&payload, table[i][k]);
        compare();
        assert_int_equal(result.virt_delta, DELTA);
        assert_int_equal(result.relocations, 1);
        assert_int_equal(result.bad_slots, 0);
    }
}

static void assert_bad_slot(uint64_t offset, enum bzc_slot_state slot_state, enum bzc_reloc_kind kind,
                            uint64_t expected, uint64_t actual, size_t segment)
{
    size_t i;

    compare();
    assert_int_equal(result.virt_delta, DELTA);
    assert_int_equal(result.relocations, 4);
    assert_int_equal(result.bad_slots, 1);
    assert_int_equal(result.first_bad_slot, offset);
    assert_int_equal(result.bad_state, slot_state);
    assert_int_equal(result.bad_kind, kind);
    assert_int_equal(result.bad_expected, expected);
    assert_int_equal(result.bad_actual, actual);
    for (i = 0; i < 3; i++) {
        assert_int_equal(result.segment[i].matches, i != segment);
        assert_int_equal(result.segment[i].differences, 0);
        assert_false(result.segment[i].found_elsewhere);
    }
}

static void skipped_slots_are_found(void **state)
{
    (void)state;
    place_moved();
    bzc_store32(at(0x20), 0x81002000);
    assert_bad_slot(0x20, BZC_SLOT_NOT_RELOCATED, BZC_RELOC_32, 0x87002000, 0x81002000, 0);
    place_moved();
    bzc_store32(at(0x1008), 0x10);
    assert_bad_slot(0x1008, BZC_SLOT_NOT_RELOCATED, BZC_RELOC_INVERSE_32, 0xfa000010, 0x10, 1);
    place_moved();
    bzc_store64(at(0x2010), 0xffffffff81000123);
    assert_bad_slot(0x2010, BZC_SLOT_NOT_RELOCATED, BZC_RELOC_64, 0xffffffff87000123, 0xffffffff81000123, 2);
}

static void doubled_slots_are_found(void **state)
{
    (void)state;
    place_moved();
    bzc_store32(at(0x2041), 0x8d000200);
    assert_bad_slot(0x2041, BZC_SLOT_RELOCATED_TWICE, BZC_RELOC_32, 0x87000200, 0x8d000200, 2);
    place_moved();
    bzc_store32(at(0x1008), 0xf4000010);
    assert_bad_slot(0x1008, BZC_SLOT_RELOCATED_TWICE, BZC_RELOC_INVERSE_32, 0xfa000010, 0xf4000010, 1);
    place_moved();
    bzc_store64(at(0x2010), 0xffffffff8d000123);
    assert_bad_slot(0x2010, BZC_SLOT_RELOCATED_TWICE, BZC_RELOC_64, 0xffffffff87000123, 0xffffffff8d000123, 2);
}

static void wrong_slots_are_found(void **state)
{
    (void)state;
    place_moved();
    bzc_store64(at(0x2010), 0x87000123); /* the upper half lost */
    assert_bad_slot(0x2010, BZC_SLOT_WRONG, BZC_RELOC_64, 0xffffffff87000123, 0x87000123, 2);
    place_moved();
    bzc_store32(at(0x1008), 0x06000010); /* moved the wrong way */
    assert_bad_slot(0x1008, BZC_SLOT_WRONG, BZC_RELOC_INVERSE_32, 0xfa000010, 0x06000010, 1);
}

/* Without relocation a slot that was changed is a wrong one. */
static void changed_slot_of_an_unmoved_kernel_is_wrong(void **state)
{
    (void)state;
    place_linked();
    bzc_store32(at(0x20), 0x87002000);
    compare();
    assert_int_equal(result.virt_delta, 0);
    assert_int_equal(result.bad_slots, 1);
    assert_int_equal(result.first_bad_slot, 0x20);
    assert_int_equal(result.bad_state, BZC_SLOT_WRONG);
    assert_int_equal(result.relocations, 4);
    assert_false(result.segment[0].matches);
    assert_int_equal(result.segment[0].differences, 0);
}

static void the_lowest_bad_slot_is_reported(void **state)
{
    (void)state;
    place_moved();
    bzc_store32(at(0x2041), 0);
    bzc_store32(at(0x1008), 0);
    compare();
    assert_int_equal(result.virt_delta, DELTA);
    assert_int_equal(result.bad_slots, 2);
    assert_int_equal(result.first_bad_slot, 0x1008);
}

static void wrong_bytes_are_found(void **state)
{
    const uint8_t *expected = payload.data + K64_FILE_C;

    (void)state;
    place_moved();
    *at(0x2000 + 0x0f) ^= 0x40; /* right before a slot */
    *at(0x2000 + 0x18) ^= 0x40; /* right behind it */
    *at(0x2000 + 0x1ff) ^= 0x40;
    compare();
    assert_true(result.segment[0].matches);
    assert_true(result.segment[1].matches);
    assert_false(result.segment[2].matches);
    assert_int_equal(result.segment[2].differences, 3);
    assert_int_equal(result.segment[2].first_difference, 0x0f);
    assert_int_equal(result.segment[2].last_difference, 0x1ff);
    assert_int_equal(result.segment[2].expected, expected[0x0f]);
    assert_int_equal(result.segment[2].actual, expected[0x0f] ^ 0x40);
    assert_int_equal(result.bad_slots, 0);
    assert_false(result.segment[2].zero);
    assert_false(result.segment[2].found_elsewhere);
}

static void bytes_behind_a_segment_do_not_count(void **state)
{
    (void)state;
    place_moved();
    memset(at(0x300), 0xee, 0x100);
    memset(at(0x2200), 0xee, 0x100);
    compare();
    assert_all_match(DELTA);
}

static void segment_that_was_never_written_is_zero(void **state)
{
    (void)state;
    place_moved();
    memset(at(0x2000), 0, 0x200);
    compare();
    assert_false(result.segment[2].matches);
    assert_true(result.segment[2].zero);
    assert_false(result.segment[2].found_elsewhere);
    assert_false(result.segment[0].zero);
    assert_int_equal(result.virt_delta, DELTA);
}

/* Segment 3 lies 0x5000 too high, relocated, and its place is empty. */
static void misplaced_segment_is_found(void **state)
{
    (void)state;
    place_moved();
    memcpy(at(0x7000), at(0x2000), 0x200);
    memset(at(0x2000), 0, 0x200);
    compare();
    assert_false(result.segment[2].matches);
    assert_true(result.segment[2].found_elsewhere);
    assert_int_equal(result.segment[2].found_phys, BASE + 0x7000);
}

/* Linux unpacks to where the kernel will run and moves the segments from there: whole copies of them may remain. */
static void damaged_segment_is_not_misplaced(void **state)
{
    (void)state;
    place_moved();
    memcpy(at(0x7000), at(0x2000), 0x200);
    *at(0x2100) ^= 1;
    compare();
    assert_false(result.segment[2].matches);
    assert_int_equal(result.segment[2].differences, 1);
    assert_int_equal(result.segment[2].first_difference, 0x100);
    assert_false(result.segment[2].found_elsewhere);
}

/* The nearer of two copies counts, a nearer one that is not whole does not. */
static void nearest_whole_copy_is_found(void **state)
{
    (void)state;
    place_moved();
    memcpy(at(0x2400), at(0x2000), 0x200);
    *at(0x2400 + 0x1f0) ^= 1;
    memcpy(at(0x5000), at(0x2000), 0x200);
    memcpy(at(0x8000), at(0x2000), 0x200);
    memcpy(ram.data, at(0x2000), 0x200);
    memset(at(0x2000), 0, 0x200);
    compare();
    assert_true(result.segment[2].found_elsewhere);
    assert_int_equal(result.segment[2].found_phys, BASE + 0x5000);
}

static void segment_outside_ram_does_not_match(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    place_moved();
    oracle = sample_payload_oracle(&payload);
    memcpy(ram.data + RAM_SIZE - 0x1000, at(0), 0x300);
    bzc_oracle_compare(oracle, &guest, RAM_START + RAM_SIZE - 0x1000, &result);
    assert_true(result.segment[0].matches);
    assert_false(result.segment[1].matches);
    assert_int_equal(result.segment[1].differences, 0x80);
    assert_string_equal(result.segment[1].sha256, "");
    assert_int_equal(result.relocations, 1);
    assert_int_equal(result.bad_slots, 0);
    bzc_oracle_compare(oracle, &guest, UINT64_MAX - 0x1800, &result);
    assert_false(result.segment[0].matches);
    assert_false(result.segment[2].matches);
    bzc_oracle_free(oracle);
}

/* Base 0x2004000 and link base 0x1000000: all slots move by 0x1004000. */
static void i386_kernel_moves_with_its_base(void **state)
{
    (void)state;
    sample_k32(&payload);
    memset(&ram, 0, sizeof(ram));
    memcpy(at(0), payload.data + 0x100, 0x100);
    bzc_store32(at(0x10), 0xc2004040);
    bzc_store32(at(0x20), 0xc2004080);
    compare();
    assert_int_equal(result.virt_delta, 0x1004000);
    assert_int_equal(result.relocations, 2);
    assert_int_equal(result.bad_slots, 0);
    assert_true(result.segment[0].matches);

    bzc_store32(at(0x10), 0xc1000040);
    bzc_store32(at(0x20), 0xc1000080);
    compare();
    assert_int_equal(result.virt_delta, 0);
    assert_true(result.segment[0].matches);
}

static struct bzc_bytes high_view(void *context, uint64_t phys, uint64_t size)
{
    return ram_view(context, phys - 0x90000000, size);
}

/* At 0x92004000 the delta 0x91004000 is over 2 GiB: 0xc1000040 + 0x91004000 = 0x52004040 modulo 2^32. */
static void i386_delta_over_2_gib_stays_positive(void **state)
{
    const struct bzc_guest_view high = {&ram, high_view};
    struct bzc_oracle *oracle;

    (void)state;
    sample_k32(&payload);
    memset(&ram, 0, sizeof(ram));
    memcpy(at(0), payload.data + 0x100, 0x100);
    bzc_store32(at(0x10), 0x52004040);
    bzc_store32(at(0x20), 0x52004080);
    oracle = sample_payload_oracle(&payload);
    bzc_oracle_compare(oracle, &high, 0x90000000ull + BASE, &result);
    assert_int_equal(result.virt_delta, 0x91004000);
    assert_true(result.segment[0].matches);
    bzc_oracle_free(oracle);
}

static void fit_tells_the_right_base(void **state)
{
    struct bzc_oracle *oracle;

    (void)state;
    place_moved();
    oracle = sample_payload_oracle(&payload);
    assert_int_equal(bzc_oracle_fit(oracle, &guest, BASE), 100);
    assert_int_equal(bzc_oracle_fit(oracle, &guest, BASE + 1), 0);
    assert_int_equal(bzc_oracle_fit(oracle, &guest, 0), 0);
    assert_int_equal(bzc_oracle_fit(oracle, &guest, UINT64_MAX), 0);
    memset(at(0), 0, 0x300); /* 0x300 of 0x580 bytes are gone */
    assert_in_range(bzc_oracle_fit(oracle, &guest, BASE), 30, 60);
    bzc_oracle_free(oracle);
}

static void locate_finds_offsets(void **state)
{
    static const uint64_t offset[] = {0, 0x13, 0x20, 0x22, 0x2e0, 0x1000, 0x2004, 0x2040, 0x2180};
    struct bzc_oracle *oracle;
    uint64_t found;
    size_t i;

    (void)state;
    place_moved();
    oracle = sample_payload_oracle(&payload);
    for (i = 0; i < sizeof(offset) / sizeof(offset[0]); i++) {
        found = 1;
        assert_true(bzc_oracle_locate(oracle, &guest, BASE + offset[i], &found));
        assert_int_equal(found, offset[i]);
    }
    assert_false(bzc_oracle_locate(oracle, &guest, BASE + 0x4000, &found)); /* zero bytes */
    assert_false(bzc_oracle_locate(oracle, &guest, 0x1000, &found));        /* not RAM */
    sample_noise(at(0x4000), 0x100, 99);
    assert_false(bzc_oracle_locate(oracle, &guest, BASE + 0x4000, &found)); /* something else */
    memcpy(at(0x4000), at(0x40), 0x30);
    assert_false(
        bzc_oracle_locate(oracle, &guest, BASE + 0x4000, &found)); /* some bytes of the kernel do not make it */
    sample_noise(at(0x1000) - 0x20, 0x20, 98);
    assert_false(bzc_oracle_locate(oracle, &guest, BASE + 0x1000 - 0x20, &found)); /* before a segment */
    bzc_oracle_free(oracle);
}

/* The bytes at 0x40 stand at 0x2100, too: the guest's other bytes decide which place is meant. */
static void locate_prefers_the_place_that_fits(void **state)
{
    struct bzc_oracle *oracle;
    uint64_t found = 1;

    (void)state;
    sample_k64(&payload);
    memcpy(payload.data + K64_FILE_C + 0x100, payload.data + K64_FILE_A + 0x180, 0x100);
    memset(&ram, 0, sizeof(ram));
    memcpy(at(0), payload.data + K64_FILE_A, 0x300);
    memcpy(at(0x1000), payload.data + K64_FILE_B, 0x80);
    memcpy(at(0x2000), payload.data + K64_FILE_C, 0x200);
    oracle = sample_payload_oracle(&payload);
    assert_true(bzc_oracle_locate(oracle, &guest, BASE + 0x2100, &found));
    assert_int_equal(found, 0x2100);
    assert_true(bzc_oracle_locate(oracle, &guest, BASE + 0x180, &found));
    assert_int_equal(found, 0x180);
    bzc_oracle_free(oracle);
}

/* ---- vmlinux ---- */

static struct sample vmlinux;
static struct bzc_vmlinux_result checked;

/* The same kernel as its build leaves it: more in the file, segments elsewhere in it, other program header numbers. */
static void build_vmlinux(void)
{
    uint8_t *p = vmlinux.data;

    sample_k64(&payload);
    sample_k64_table(&payload);
    sample_k64(&vmlinux);
    vmlinux.size = 0x1800;
    memcpy(p + 0x1000, p + K64_FILE_A, K64_END - K64_FILE_A);
    memset(p + K64_FILE_A, 0xdb, K64_END - K64_FILE_A);
    sample_phdr64(p + 64, 1, 0x1400, 0xffffffff81002000, 0x1002000, 0x200, 0x1000);
    sample_phdr64(p + 64 + 112, 1, 0x1000, 0xffffffff81000000, 0x1000000, 0x300, 0x300);
    sample_phdr64(p + 64 + 168, 1, 0x1300, 0, 0x1001000, 0x80, 0x80);
}

static void compare_vmlinux(void)
{
    struct bzc_oracle *oracle = sample_payload_oracle(&payload);

    assert_non_null(oracle);
    bzc_oracle_compare_vmlinux(oracle, sample_bytes(&vmlinux), &checked);
    bzc_oracle_free(oracle);
}

static void vmlinux_of_the_same_build_matches(void **state)
{
    (void)state;
    build_vmlinux();
    compare_vmlinux();
    assert_string_equal(checked.problem, "");
    assert_true(checked.checked);
    assert_true(checked.matches);
}

static void vmlinux_shows_a_changed_byte(void **state)
{
    (void)state;
    build_vmlinux();
    payload.data[K64_FILE_C + 0x123] ^= 0x0f;
    compare_vmlinux();
    assert_true(checked.checked);
    assert_false(checked.matches);
    assert_int_equal(checked.segment, 3);
    assert_int_equal(checked.paddr, 0x1002123);
    assert_int_equal(checked.expected, vmlinux.data[0x1400 + 0x123]);
    assert_int_equal(checked.actual, vmlinux.data[0x1400 + 0x123] ^ 0x0f);
    assert_string_equal(checked.what, "a byte differs");
}

static void assert_vmlinux_differs(const char *what)
{
    compare_vmlinux();
    assert_true(checked.checked);
    assert_string_equal(checked.problem, "");
    assert_false(checked.matches);
    assert_non_null(strstr(checked.what, what));
}

static void vmlinux_shows_other_layouts(void **state)
{
    (void)state;
    build_vmlinux();
    bzc_store64(payload.data + 24, 0x1000000);
    assert_vmlinux_differs("the entry differs: 0x1000000 instead of 0x1000040");
    build_vmlinux();
    bzc_store64(vmlinux.data + 64 + 24, 0x1008000);
    assert_vmlinux_differs("no segment like the payload's segment 3");
    assert_int_equal(checked.paddr, 0x1002000);
    build_vmlinux();
    bzc_store64(vmlinux.data + 64 + 32, 0x1f0);
    assert_vmlinux_differs("segment 3 has 0x200 bytes instead of 0x1f0");
    assert_int_equal(checked.paddr, 0x10021f0);
    build_vmlinux();
    bzc_store64(vmlinux.data + 64 + 40, 0x2000);
    assert_vmlinux_differs("segment 3 takes 0x1000 bytes of memory instead of 0x2000");
    build_vmlinux();
    bzc_store32(payload.data + 64 + 168, 0);
    assert_vmlinux_differs("the payload lacks segment 0 of the vmlinux");
    assert_int_equal(checked.paddr, 0x1002000);
}

/* The memory image of the same kernel: its three segments lie 0, 0x1000 and 0x2000 bytes behind the lowest. */
static void compare_flat(const struct sample *image)
{
    struct bzc_oracle *oracle = calloc(1, sizeof(*oracle));

    assert_non_null(oracle);
    oracle->kind = BZC_PAYLOAD_FLAT;
    oracle->segment_count = 1;
    oracle->payload = sample_bytes(image);
    bzc_oracle_compare_vmlinux(oracle, sample_bytes(&vmlinux), &checked);
    free(oracle);
    assert_true(checked.checked);
    assert_string_equal(checked.problem, "");
}

static void flat_payload_is_compared_with_the_memory_image(void **state)
{
    static struct sample image;

    (void)state;
    build_vmlinux();
    memset(&image, 0, sizeof(image));
    image.size = 0x2200;
    memcpy(image.data, payload.data + K64_FILE_A, 0x300);
    memcpy(image.data + 0x1000, payload.data + K64_FILE_B, 0x80);
    memcpy(image.data + 0x2000, payload.data + K64_FILE_C, 0x200);
    compare_flat(&image);
    assert_true(checked.matches);
    image.data[0x1007] ^= 0x10;
    compare_flat(&image);
    assert_false(checked.matches);
    assert_string_equal(checked.what, "a byte differs");
    assert_int_equal(checked.paddr, 0x1001007);
    assert_int_equal(checked.actual, checked.expected ^ 0x10);
    image.data[0x1007] ^= 0x10;
    image.size = 0x21ff;
    compare_flat(&image);
    assert_false(checked.matches);
    assert_string_equal(checked.what, "it ends before the end of segment 0 of the vmlinux");
    assert_int_equal(checked.paddr, 0x10021ff);
}

static void assert_vmlinux_problem(const char *problem)
{
    compare_vmlinux();
    assert_false(checked.checked);
    assert_false(checked.matches);
    assert_non_null(strstr(checked.problem, problem));
}

static void vmlinux_of_another_build_is_not_compared(void **state)
{
    (void)state;
    build_vmlinux();
    vmlinux.data[0x153] ^= 1;
    assert_vmlinux_problem("another build ID");
    build_vmlinux();
    bzc_store32(vmlinux.data + 64 + 56, 0);
    assert_vmlinux_problem("the vmlinux has no build ID");
    build_vmlinux();
    bzc_store32(payload.data + 64 + 56, 0);
    assert_vmlinux_problem("the payload has no build ID");
    build_vmlinux();
    vmlinux.data[0] = 'x';
    assert_vmlinux_problem("not an ELF file");
    build_vmlinux();
    payload.size = 0x700;
    assert_vmlinux_problem("the payload holds no usable kernel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_in_place_matches),
        cmocka_unit_test(relocated_kernel_matches),
        cmocka_unit_test(delta_is_read_from_every_kind),
        cmocka_unit_test(skipped_slots_are_found),
        cmocka_unit_test(doubled_slots_are_found),
        cmocka_unit_test(wrong_slots_are_found),
        cmocka_unit_test(changed_slot_of_an_unmoved_kernel_is_wrong),
        cmocka_unit_test(the_lowest_bad_slot_is_reported),
        cmocka_unit_test(wrong_bytes_are_found),
        cmocka_unit_test(bytes_behind_a_segment_do_not_count),
        cmocka_unit_test(segment_that_was_never_written_is_zero),
        cmocka_unit_test(misplaced_segment_is_found),
        cmocka_unit_test(damaged_segment_is_not_misplaced),
        cmocka_unit_test(nearest_whole_copy_is_found),
        cmocka_unit_test(segment_outside_ram_does_not_match),
        cmocka_unit_test(i386_kernel_moves_with_its_base),
        cmocka_unit_test(i386_delta_over_2_gib_stays_positive),
        cmocka_unit_test(fit_tells_the_right_base),
        cmocka_unit_test(locate_finds_offsets),
        cmocka_unit_test(locate_prefers_the_place_that_fits),
        cmocka_unit_test(vmlinux_of_the_same_build_matches),
        cmocka_unit_test(vmlinux_shows_a_changed_byte),
        cmocka_unit_test(vmlinux_shows_other_layouts),
        cmocka_unit_test(flat_payload_is_compared_with_the_memory_image),
        cmocka_unit_test(vmlinux_of_another_build_is_not_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
