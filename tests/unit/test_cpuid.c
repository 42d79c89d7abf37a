/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bit numbers are those of Intel SDM 2A, CPUID, tables "Feature Information Returned in the ECX/EDX Register". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "emu/cpuid.h"

static void vendor_is_intel(void **state)
{
    (void)state;
    for (size_t i = 0; i < bzc_cpu_profile_count; i++) {
        uint32_t r[4];
        char vendor[13] = {0};

        bzc_cpuid(&bzc_cpu_profiles[i], 0, r);
        memcpy(vendor, &r[1], 4); /* EBX, EDX, ECX */
        memcpy(vendor + 4, &r[3], 4);
        memcpy(vendor + 8, &r[2], 4);
        assert_string_equal(vendor, "GenuineIntel");
        assert_true(r[0] >= 1);
    }
}

static void nondeterministic_features_are_hidden(void **state)
{
    (void)state;
    for (size_t i = 0; i < bzc_cpu_profile_count; i++) {
        uint32_t r[4];

        bzc_cpuid(&bzc_cpu_profiles[i], 1, r);
        assert_true(r[3] & 1u << 4);           /* TSC: it counts how often it is asked, as test_cpu.c shows */
        assert_false(r[2] & 1u << 30);         /* RDRAND */
        assert_false(r[2] & 1u << 24);         /* TSC deadline */
        assert_false(r[2] & 1u << 31);         /* hypervisor */
        bzc_cpuid(&bzc_cpu_profiles[i], 7, r); /* RDSEED, LA57, ... : no such leaf */
        assert_int_equal(r[0] | r[1] | r[2] | r[3], 0);
        bzc_cpuid(&bzc_cpu_profiles[i], 0x80000001, r);
        assert_false(r[3] & 1u << 27); /* RDTSCP */
    }
}

/* What arch/x86/include/asm/required-features.h asks of a 64-bit CPU: leaf 1 EDX bits 0 3 5 6 8 13 15 24 25 26. */
static void x86_64_has_what_a_64_bit_kernel_requires(void **state)
{
    const struct bzc_cpu_profile *profile = bzc_cpu_profile_find("x86-64");
    const uint32_t required =
        1u << 0 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 8 | 1u << 13 | 1u << 15 | 1u << 24 | 1u << 25 | 1u << 26;
    uint32_t r[4];

    (void)state;
    assert_non_null(profile);
    assert_true(profile->long_mode);
    bzc_cpuid(profile, 1, r);
    assert_int_equal(r[3] & required, required);
    assert_true(r[2] & 1u << 13);                   /* CMPXCHG16B */
    assert_int_equal((r[0] >> 8) & 0xf, 6);         /* family */
    assert_int_equal(((r[1] >> 8) & 0xff) * 8, 64); /* CLFLUSH line in bytes */
    bzc_cpuid(profile, 0x80000000, r);
    assert_true(r[0] >= 0x80000008);
    bzc_cpuid(profile, 0x80000001, r);
    assert_true(r[3] & 1u << 29); /* LM */
    assert_true(r[3] & 1u << 20); /* NX */
    assert_true(r[3] & 1u << 11); /* SYSCALL */
    bzc_cpuid(profile, 0x80000008, r);
    assert_int_equal(r[0] & 0xff, 40);        /* physical address bits */
    assert_int_equal((r[0] >> 8) & 0xff, 48); /* linear address bits */
}

static void i686_has_no_long_mode(void **state)
{
    const struct bzc_cpu_profile *profile = bzc_cpu_profile_find("i686");
    uint32_t r[4];

    (void)state;
    assert_non_null(profile);
    assert_false(profile->long_mode);
    bzc_cpuid(profile, 1, r);
    assert_int_equal(r[3] & (1u << 0 | 1u << 6 | 1u << 15), 1u << 0 | 1u << 6 | 1u << 15); /* FPU, PAE, CMOV */
    assert_int_equal(r[2], 0);
    for (uint32_t leaf = 0x80000000; leaf <= 0x80000008; leaf++) {
        bzc_cpuid(profile, leaf, r);
        assert_int_equal(r[0] | r[1] | r[2] | r[3], 0);
    }
}

static void profiles_are_found_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < bzc_cpu_profile_count; i++) {
        assert_ptr_equal(bzc_cpu_profile_find(bzc_cpu_profiles[i].name), &bzc_cpu_profiles[i]);
        assert_non_null(bzc_cpu_profiles[i].summary);
    }
    assert_null(bzc_cpu_profile_find("486"));
    assert_null(bzc_cpu_profile_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vendor_is_intel),
        cmocka_unit_test(nondeterministic_features_are_hidden),
        cmocka_unit_test(x86_64_has_what_a_64_bit_kernel_requires),
        cmocka_unit_test(i686_has_no_long_mode),
        cmocka_unit_test(profiles_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
