/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "loader/fields.h"

/*
 * The table of "The Real-Mode Kernel Header" and the Type lines of "Details of Header Fields", as boot.rst prints them
 * (offset/size, protocol, name, type), taken out of it by a script.
 */
static const char *const boot_rst[] = {
    "01F1/1 ALL setup_sects read",
    "01F2/2 ALL root_flags modify",
    "01F4/4 2.04+ syssize read",
    "01F8/2 ALL ram_size kernel",
    "01FA/2 ALL vid_mode modify",
    "01FC/2 ALL root_dev modify",
    "01FE/2 ALL boot_flag read",
    "0200/2 2.00+ jump read",
    "0202/4 2.00+ header read",
    "0206/2 2.00+ version read",
    "0208/4 2.00+ realmode_swtch modify",
    "020C/2 2.00+ start_sys_seg read",
    "020E/2 2.00+ kernel_version read",
    "0210/1 2.00+ type_of_loader write",
    "0211/1 2.00+ loadflags modify",
    "0212/2 2.00+ setup_move_size modify",
    "0214/4 2.00+ code32_start modify",
    "0218/4 2.00+ ramdisk_image write",
    "021C/4 2.00+ ramdisk_size write",
    "0220/4 2.00+ bootsect_kludge kernel",
    "0224/2 2.01+ heap_end_ptr write",
    "0226/1 2.02+ ext_loader_ver write",
    "0227/1 2.02+ ext_loader_type write",
    "0228/4 2.02+ cmd_line_ptr write",
    "022C/4 2.03+ initrd_addr_max read",
    "0230/4 2.05+ kernel_alignment read/modify",
    "0234/1 2.05+ relocatable_kernel read",
    "0235/1 2.10+ min_alignment read",
    "0236/2 2.12+ xloadflags read",
    "0238/4 2.06+ cmdline_size read",
    "023C/4 2.07+ hardware_subarch write",
    "0240/8 2.07+ hardware_subarch_data write",
    "0248/4 2.08+ payload_offset read",
    "024C/4 2.08+ payload_length read",
    "0250/8 2.09+ setup_data write",
    "0258/8 2.10+ pref_address read",
    "0260/4 2.10+ init_size read",
    "0264/4 2.11+ handover_offset read",
    "0268/4 2.15+ kernel_info_offset read",
};

static enum bzc_field_access access_of(const char *type)
{
    if (strcmp(type, "read") == 0)
        return BZC_FIELD_READ;
    if (strcmp(type, "write") == 0)
        return BZC_FIELD_WRITE;
    if (strcmp(type, "modify") == 0 || strcmp(type, "read/modify") == 0)
        return BZC_FIELD_MODIFY;
    assert_string_equal(type, "kernel");
    return BZC_FIELD_INTERNAL;
}

static void table_says_what_boot_rst_says(void **state)
{
    size_t i;

    (void)state;
    assert_int_equal(sizeof(boot_rst) / sizeof(boot_rst[0]), BZC_FIELD_COUNT);
    for (i = 0; i < BZC_FIELD_COUNT; i++) {
        const struct bzc_field *field = &bzc_fields[i];
        unsigned offset, size, major = 0, minor = 0;
        char protocol[8], name[32], type[16];

        assert_int_equal(sscanf(boot_rst[i], "%x/%u %7s %31s %15s", &offset, &size, protocol, name, type), 5);
        if (strcmp(protocol, "ALL") != 0)
            assert_int_equal(sscanf(protocol, "%u.%u+", &major, &minor), 2);
        /* Note (2): before 2.04 the field is there with two bytes. */
        if (strcmp(name, "syssize") == 0)
            major = minor = 0;
        assert_int_equal(field->id, i);
        assert_string_equal(field->name, name);
        assert_int_equal(field->offset, offset);
        assert_int_equal(field->size, size);
        assert_int_equal(field->since, major << 8 | minor);
        assert_int_equal(field->access, access_of(type));
        assert_true(strlen(field->meaning) > 0);
        assert_ptr_equal(bzc_field(field->id), field);
        assert_ptr_equal(bzc_field_by_name(name), field);
    }
    assert_null(bzc_field_by_name("setup_sect"));
}

static void read_knows_the_version(void **state)
{
    const struct bzc_field *field = bzc_field_by_name("cmdline_size");
    struct bzc_bytes header;
    uint64_t value = 99;
    uint8_t file[0x26c];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(file); i++)
        file[i] = (uint8_t)i;
    header.data = file;
    header.size = sizeof(file);
    assert_false(bzc_field_read(header, 0x0205, field->id, &value));
    assert_int_equal(value, 99);
    assert_true(bzc_field_read(header, 0x0206, field->id, &value));
    assert_int_equal(value, 0x3b3a3938);
    assert_true(bzc_field_read(header, 0x020f, field->id, &value));
    assert_false(bzc_field_read(header, 0, BZC_FIELD_HEADER, &value));
    assert_true(bzc_field_read(header, 0, BZC_FIELD_BOOT_FLAG, &value));
    assert_int_equal(value, 0xfffe);
    assert_true(bzc_field_read(header, 0x020f, BZC_FIELD_PREF_ADDRESS, &value));
    assert_int_equal(value, 0x5f5e5d5c5b5a5958ull);
    assert_true(bzc_field_read(header, 0x020f, BZC_FIELD_KERNEL_INFO_OFFSET, &value));
    assert_false(bzc_field_read(header, 0x020e, BZC_FIELD_KERNEL_INFO_OFFSET, &value));
}

static void syssize_is_two_bytes_before_2_04(void **state)
{
    uint8_t file[0x200] = {[0x1f4] = 0x78, 0x56, 0x34, 0x12};
    const struct bzc_bytes header = {file, sizeof(file)};
    uint64_t value;

    (void)state;
    assert_true(bzc_field_read(header, 0, BZC_FIELD_SYSSIZE, &value));
    assert_int_equal(value, 0x5678);
    assert_true(bzc_field_read(header, 0x0203, BZC_FIELD_SYSSIZE, &value));
    assert_int_equal(value, 0x5678);
    assert_true(bzc_field_read(header, 0x0204, BZC_FIELD_SYSSIZE, &value));
    assert_int_equal(value, 0x12345678);
}

static void read_stops_at_the_end(void **state)
{
    uint8_t file[0x250] = {0};
    struct bzc_bytes header = {file, 0x24f};
    uint64_t value = 99;

    (void)state;
    assert_false(bzc_field_read(header, 0x020f, BZC_FIELD_PAYLOAD_LENGTH, &value));
    assert_int_equal(value, 99);
    header.size = 0x250;
    assert_true(bzc_field_read(header, 0x020f, BZC_FIELD_PAYLOAD_LENGTH, &value));
    assert_int_equal(value, 0);
}

static void store_keeps_to_the_field(void **state)
{
    static const uint8_t expected[] = {0xaa, 0x04, 0x03, 0x02, 0x01, 0xaa};
    uint8_t file[0x260];

    (void)state;
    memset(file, 0xaa, sizeof(file));
    bzc_field_store(file, BZC_FIELD_CMD_LINE_PTR, 0x9901020304ull);
    assert_memory_equal(file + 0x227, expected, 6);
    bzc_field_store(file, BZC_FIELD_TYPE_OF_LOADER, 0x1ff);
    assert_int_equal(file[0x210], 0xff);
    assert_int_equal(file[0x211], 0xaa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_says_what_boot_rst_says),    cmocka_unit_test(read_knows_the_version),
        cmocka_unit_test(syssize_is_two_bytes_before_2_04), cmocka_unit_test(read_stops_at_the_end),
        cmocka_unit_test(store_keeps_to_the_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
