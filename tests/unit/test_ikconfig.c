/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "loader/ikconfig.h"

/* `text` packed with gzip -9 -n (1.12). */
static const uint8_t packed[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x53, 0xe6, 0x52, 0x56, 0xf0, 0xc9, 0xcc, 0x2b,
    0xad, 0xd0, 0xaf, 0xb0, 0x30, 0xe3, 0x52, 0xe6, 0x72, 0xf6, 0xf7, 0x73, 0xf3, 0x74, 0x8f, 0x37, 0x33, 0x71,
    0xf2, 0x0c, 0xb1, 0xad, 0x84, 0x71, 0x23, 0x2c, 0xcc, 0x80, 0x1c, 0x65, 0x05, 0x28, 0xd7, 0xdb, 0x35, 0xc2,
    0xd5, 0x59, 0x21, 0xb3, 0x58, 0x21, 0x2f, 0xbf, 0x44, 0xa1, 0x38, 0xb5, 0x04, 0xa6, 0xcc, 0xd5, 0xd0, 0xc0,
    0xc0, 0xc0, 0x36, 0x17, 0xc6, 0xf5, 0x88, 0xb2, 0x35, 0x32, 0x35, 0x80, 0xf1, 0x9c, 0x7d, 0x5d, 0x7c, 0x3c,
    0xfd, 0x5c, 0x6d, 0x95, 0x94, 0x10, 0x06, 0x79, 0x7a, 0x43, 0x19, 0x01, 0x41, 0xfe, 0x28, 0x06, 0x2a, 0x2b,
    0x94, 0x67, 0x24, 0x96, 0x60, 0xb1, 0xc2, 0x33, 0xc4, 0xd5, 0xd7, 0x36, 0xb3, 0x24, 0x15, 0x6e, 0x89, 0xab,
    0x6f, 0x40, 0x48, 0x24, 0x17, 0x00, 0xcc, 0xb0, 0xef, 0x4a, 0xc7, 0x00, 0x00, 0x00};
static const char text[] =
    "#\n# Linux/x86\n#\nCONFIG_64BIT=y\nCONFIG_X86=y\n# CONFIG_KEXEC is not set\nCONFIG_E1000=m\nCON"
    "FIG_HZ=250\nCONFIG_CMDLINE=\"\"\n# CONFIG_IKCONFIG_PROC is not set\n# what is not "
    "set\nCONFIG_ITEM=item\nCONFIG_EMPTY\n";

#define KERNEL_SIZE 1024u
#define STREAM_AT   (100u + 8u)

/* A kernel that speaks of the mark at 10 and holds a configuration from 100 on. */
static struct bzc_bytes build_kernel(uint8_t kernel[KERNEL_SIZE])
{
    memset(kernel, 0x90, KERNEL_SIZE);
    memcpy(kernel + 10, "IKCFG_ST is where it starts", 27);
    memcpy(kernel + 100, "IKCFG_ST", 8);
    memcpy(kernel + STREAM_AT, packed, sizeof(packed));
    memcpy(kernel + STREAM_AT + sizeof(packed), "IKCFG_ED", 8);
    return (struct bzc_bytes){kernel, KERNEL_SIZE};
}

static void finds_and_counts(void **state)
{
    uint8_t kernel[KERNEL_SIZE];
    struct bzc_ikconfig config;

    (void)state;
    bzc_ikconfig_read(build_kernel(kernel), &config);
    assert_true(config.found);
    assert_string_equal(config.problem, "");
    assert_int_equal(config.offset, STREAM_AT);
    assert_int_equal(config.packed_size, sizeof(packed));
    assert_int_equal(config.text.size, strlen(text));
    assert_memory_equal(config.text.data, text, strlen(text));
    assert_int_equal(config.options, 6);
    assert_int_equal(config.yes, 2);
    assert_int_equal(config.module, 1);
    assert_int_equal(config.not_set, 2);
    bzc_ikconfig_free(&config);
    assert_int_equal(config.text.size, 0);
}

static void a_kernel_may_have_none(void **state)
{
    uint8_t kernel[KERNEL_SIZE];
    struct bzc_bytes bytes = build_kernel(kernel);
    struct bzc_ikconfig config;

    (void)state;
    kernel[STREAM_AT] = 0; /* no gzip stream behind the mark */
    bzc_ikconfig_read(bytes, &config);
    assert_false(config.found);
    bzc_ikconfig_free(&config);
    bytes.size = 0;
    bzc_ikconfig_read(bytes, &config);
    assert_false(config.found);
    memcpy(kernel, "IKCFG_ST", 8);
    bytes.size = 8;
    bzc_ikconfig_read(bytes, &config);
    assert_false(config.found);
}

static void says_what_is_damaged(void **state)
{
    uint8_t kernel[KERNEL_SIZE];
    struct bzc_bytes bytes = build_kernel(kernel);
    struct bzc_ikconfig config;

    (void)state;
    kernel[STREAM_AT + sizeof(packed) - 6] ^= 1; /* the CRC-32 */
    bzc_ikconfig_read(bytes, &config);
    assert_true(config.found);
    assert_non_null(strstr(config.problem, "gzip"));
    assert_int_equal(config.text.size, 0);
    bzc_ikconfig_free(&config);

    build_kernel(kernel);
    kernel[STREAM_AT + sizeof(packed)] = 'X';
    bzc_ikconfig_read(bytes, &config);
    assert_true(config.found);
    assert_non_null(strstr(config.problem, "IKCFG_ED"));
    assert_int_equal(config.options, 6);
    bzc_ikconfig_free(&config);

    /* Cut anywhere. */
    for (bytes.size = 0; bytes.size < STREAM_AT + sizeof(packed); bytes.size++) {
        bzc_ikconfig_read(bytes, &config);
        assert_int_equal(config.text.size, 0);
        bzc_ikconfig_free(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_and_counts),
        cmocka_unit_test(a_kernel_may_have_none),
        cmocka_unit_test(says_what_is_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
