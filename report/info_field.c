/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/info_field.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/field_bits.h"
#include "report/page.h"

#define PARAGRAPH       16u
#define VERSION_SYSSIZE 0x0204 /* syssize has four bytes from here on */
#define LOADER_EXTENDED 0xeu   /* type_of_loader >> 4: the type is ext_loader_type + 0x10 */
#define LOADER_NO_ID    0xffu

/* Where words are put together. */
struct text {
    char *at;
    size_t used;
};

static void __attribute__((format(printf, 2, 3))) say(struct text *text, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text->at + text->used, BZC_INFO_FIELD_TEXT - text->used, format, args);
    va_end(args);
    if (length > 0)
        text->used += (size_t)length;
    if (text->used >= BZC_INFO_FIELD_TEXT)
        text->used = BZC_INFO_FIELD_TEXT - 1;
}

static void say_bytes(struct text *text, uint64_t bytes)
{
    char count[BZC_PAGE_NUMBER_SIZE], size[BZC_PAGE_NUMBER_SIZE];

    say(text, "%s bytes", bzc_page_count(bytes, count));
    if (bytes >= 1024 * 1024)
        say(text, " (%s)", bzc_page_bytes(bytes, size));
}

static void say_not_zero(struct text *text, uint64_t value)
{
    if (value == 0)
        say(text, "none");
}

static void say_bits(struct text *text, enum bzc_field_id id, uint64_t value)
{
    const char *separator = "";

    for (uint64_t bit = 1; bit != 0; bit <<= 1) {
        const struct bzc_field_bit *row = bzc_field_bit(id, bit);

        if ((value & bit) == 0)
            continue;
        if (row)
            say(text, "%s%s", separator, row->name);
        else
            say(text, "%sunknown bit 0x%" PRIx64, separator, bit);
        separator = ", ";
    }
    if (value == 0)
        say(text, "no bit is set");
}

static const char *loader_name(uint64_t type)
{
    static const char *const names[] = {
        "LILO",
        "Loadlin",
        "bootsect-loader",
        "Syslinux",
        "Etherboot/gPXE/iPXE",
        "ELILO",
        NULL,
        "GRUB",
        "U-Boot",
        "Xen",
        "Gujin",
        "Qemu",
        "Arcturus Networks uCbootloader",
        "kexec-tools",
        NULL,
        "special",
        NULL,
        "Minimal Linux Bootloader",
        "OVMF UEFI virtualization stack",
        "barebox",
    };

    return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

static void say_loader(struct text *text, const struct bzc_image *image, uint64_t value)
{
    uint64_t type = value >> 4, version = value & 0xf, extended;
    const char *name;

    if (value == 0) {
        say(text, "none yet");
        return;
    }
    if (value == LOADER_NO_ID) {
        say(text, "a loader without a number of its own");
        return;
    }
    if (bzc_image_field(image, BZC_FIELD_EXT_LOADER_VER, &extended))
        version |= extended << 4;
    if (type == LOADER_EXTENDED && bzc_image_field(image, BZC_FIELD_EXT_LOADER_TYPE, &extended))
        type = 0x10 + extended;
    name = loader_name(type);
    say(text, "%s, version %" PRIu64, name ? name : "unknown loader", version);
}

static void say_video_mode(struct text *text, uint64_t value)
{
    switch (value) {
    case 0xffff:
        say(text, "normal VGA");
        return;
    case 0xfffe:
        say(text, "extended VGA");
        return;
    case 0xfffd:
        say(text, "ask for the video mode");
        return;
    default:
        say(text, "video mode %" PRIu64, value);
    }
}

static void say_subarch(struct text *text, uint64_t value)
{
    static const char *const names[] = {"PC", "lguest", "Xen", "Moorestown MID", "CE4100 TV platform"};

    say(text, "%s", value < sizeof(names) / sizeof(names[0]) ? names[value] : "unknown");
}

static void say_jump(struct text *text, uint64_t value)
{
    if ((value & 0xff) == 0xeb && (value >> 8) < 0x80)
        say(text, "0x%" PRIx64, 0x202 + (value >> 8));
    else
        say(text, "not a short jump forward");
}

static void say_magic(struct text *text, uint64_t value)
{
    say(text, "\"");
    for (unsigned i = 0; i < 4; i++) {
        unsigned byte = value >> (8 * i) & 0xff;

        say(text, "%c", byte >= 0x20 && byte < 0x7f ? (int)byte : '?');
    }
    say(text, "\"");
}

static void say_syssize(struct text *text, const struct bzc_image *image, uint64_t value)
{
    say_bytes(text, value * PARAGRAPH);
    if (image->version < VERSION_SYSSIZE && image->kind == BZC_IMAGE_BZIMAGE)
        say(text, "; two bytes are not enough for a bzImage");
}

static void say_power(struct text *text, uint64_t value)
{
    char size[BZC_PAGE_NUMBER_SIZE];

    if (value == 0)
        say(text, "none");
    else if (value < 64)
        say(text, "%s", bzc_page_bytes(UINT64_C(1) << value, size));
    else
        say(text, "more than 64 bits can hold");
}

static void say_size(struct text *text, uint64_t value)
{
    char size[BZC_PAGE_NUMBER_SIZE];

    say(text, "%s", bzc_page_bytes(value, size));
}

static void say_version_string(struct text *text, const struct bzc_image *image, uint64_t value)
{
    if (value == 0)
        say(text, "none");
    else
        say(text, *image->kernel_version ? "at 0x%" PRIx64 : "at 0x%" PRIx64 ", where there is none", value + 0x200);
}

static void say_file_place(struct text *text, const struct bzc_image *image, uint64_t value)
{
    if (value == 0)
        say(text, "none");
    else
        say(text, "0x%" PRIx64 " of the file", image->realmode_size + value);
}

void bzc_info_field_text(const struct bzc_image *image, enum bzc_field_id id, uint64_t value,
                         char buffer[BZC_INFO_FIELD_TEXT])
{
    struct text text = {.at = buffer};

    buffer[0] = '\0';
    switch (id) {
    case BZC_FIELD_SETUP_SECTS:
        say(&text, value == 0 ? "0 means %u" : "%u", image->setup_sects);
        break;
    case BZC_FIELD_ROOT_FLAGS:
        say(&text, value != 0 ? "yes" : "no");
        break;
    case BZC_FIELD_SYSSIZE:
        say_syssize(&text, image, value);
        break;
    case BZC_FIELD_RAM_SIZE:
        say_not_zero(&text, value);
        break;
    case BZC_FIELD_VID_MODE:
        say_video_mode(&text, value);
        break;
    case BZC_FIELD_ROOT_DEV:
        say(&text, value != 0 ? "major %" PRIu64 ", minor %" PRIu64 : "none", value >> 8, value & 0xff);
        break;
    case BZC_FIELD_BOOT_FLAG:
        say(&text, value == BZC_BOOT_FLAG ? "as it must be" : "must be 0xaa55");
        break;
    case BZC_FIELD_JUMP:
        say_jump(&text, value);
        break;
    case BZC_FIELD_HEADER:
        say_magic(&text, value);
        break;
    case BZC_FIELD_VERSION:
        say(&text, "%" PRIu64 ".%02" PRIu64, value >> 8, value & 0xff);
        break;
    case BZC_FIELD_KERNEL_VERSION:
        say_version_string(&text, image, value);
        break;
    case BZC_FIELD_TYPE_OF_LOADER:
        say_loader(&text, image, value);
        break;
    case BZC_FIELD_LOADFLAGS:
    case BZC_FIELD_XLOADFLAGS:
        say_bits(&text, id, value);
        break;
    case BZC_FIELD_HEAP_END_PTR:
        say(&text, "up to 0x%" PRIx64, value + 0x200);
        break;
    case BZC_FIELD_KERNEL_ALIGNMENT:
        say_size(&text, value);
        break;
    case BZC_FIELD_SETUP_MOVE_SIZE:
    case BZC_FIELD_PAYLOAD_LENGTH:
    case BZC_FIELD_INIT_SIZE:
        say_bytes(&text, value);
        break;
    case BZC_FIELD_MIN_ALIGNMENT:
        say_power(&text, value);
        break;
    case BZC_FIELD_RELOCATABLE_KERNEL:
        say(&text, value != 0 ? "yes" : "no");
        break;
    case BZC_FIELD_CMDLINE_SIZE:
        say(&text, "%" PRIu64 " characters", value);
        break;
    case BZC_FIELD_HARDWARE_SUBARCH:
        say_subarch(&text, value);
        break;
    case BZC_FIELD_PAYLOAD_OFFSET:
    case BZC_FIELD_KERNEL_INFO_OFFSET:
    case BZC_FIELD_HANDOVER_OFFSET:
        say_file_place(&text, image, value);
        break;
    case BZC_FIELD_REALMODE_SWTCH:
    case BZC_FIELD_RAMDISK_IMAGE:
    case BZC_FIELD_RAMDISK_SIZE:
    case BZC_FIELD_CMD_LINE_PTR:
    case BZC_FIELD_SETUP_DATA:
        say_not_zero(&text, value);
        break;
    case BZC_FIELD_PREF_ADDRESS:
        say(&text, "%" PRIu64 " MiB", value >> 20);
        break;
    case BZC_FIELD_START_SYS_SEG:
    case BZC_FIELD_CODE32_START:
    case BZC_FIELD_INITRD_ADDR_MAX:
    case BZC_FIELD_BOOTSECT_KLUDGE:
    case BZC_FIELD_EXT_LOADER_VER:
    case BZC_FIELD_EXT_LOADER_TYPE:
    case BZC_FIELD_HARDWARE_SUBARCH_DATA:
    case BZC_FIELD_COUNT:
        break;
    }
}

void bzc_info_field_absence(const struct bzc_image *image, enum bzc_field_id id, char text[BZC_INFO_FIELD_TEXT])
{
    char protocol[8];

    bzc_image_protocol_text(image, protocol);
    if (image->version < bzc_field(id)->since && !(image->has_header && id <= BZC_FIELD_VERSION))
        snprintf(text, BZC_INFO_FIELD_TEXT, image->has_header ? "not in %s" : "not before 2.00", protocol);
    else
        snprintf(text, BZC_INFO_FIELD_TEXT, "cut off by the end of the file");
}

const char *bzc_info_access_name(enum bzc_field_access access)
{
    static const char *const names[] = {
        [BZC_FIELD_READ] = "read",
        [BZC_FIELD_WRITE] = "write",
        [BZC_FIELD_MODIFY] = "modify",
        [BZC_FIELD_INTERNAL] = "internal",
    };

    return names[access];
}

const char *bzc_info_since_text(uint16_t since, char text[8])
{
    if (since == 0)
        snprintf(text, 8, "all");
    else
        snprintf(text, 8, "%u.%02u", (unsigned)(since >> 8), (unsigned)(since & 0xff));
    return text;
}
