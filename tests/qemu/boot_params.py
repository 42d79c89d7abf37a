# SPDX-License-Identifier: GPL-2.0-or-later
"""struct boot_params as a table, so that two of them can be compared field by field.

Source: arch/x86/include/uapi/asm/bootparam.h, include/uapi/linux/screen_info.h (Linux 6.1) and zero-page.rst.
"""

SIZE = 4096

# Name and offset; a field ends where the next one begins.
LAYOUT = """
    screen_info.orig_x              000
    screen_info.orig_y              001
    screen_info.ext_mem_k           002
    screen_info.orig_video_page     004
    screen_info.orig_video_mode     006
    screen_info.orig_video_cols     007
    screen_info.flags               008
    screen_info.unused2             009
    screen_info.orig_video_ega_bx   00a
    screen_info.unused3             00c
    screen_info.orig_video_lines    00e
    screen_info.orig_video_isVGA    00f
    screen_info.orig_video_points   010
    screen_info.lfb                 012
    screen_info.cl_magic            020
    screen_info.cl_offset           022
    screen_info.lfb_colours         024
    screen_info.vesapm_seg          02e
    screen_info.vesapm_off          030
    screen_info.pages               032
    screen_info.vesa_attributes     034
    screen_info.capabilities        036
    screen_info.ext_lfb_base        03a
    screen_info._reserved           03e
    apm_bios_info                   040
    _pad2                           054
    tboot_addr                      058
    ist_info                        060
    acpi_rsdp_addr                  070
    _pad3                           078
    hd0_info                        080
    hd1_info                        090
    sys_desc_table                  0a0
    olpc_ofw_header                 0b0
    ext_ramdisk_image               0c0
    ext_ramdisk_size                0c4
    ext_cmd_line_ptr                0c8
    _pad4                           0cc
    cc_blob_address                 13c
    edid_info                       140
    efi_info                        1c0
    alt_mem_k                       1e0
    scratch                         1e4
    e820_entries                    1e8
    eddbuf_entries                  1e9
    edd_mbr_sig_buf_entries         1ea
    kbd_status                      1eb
    secure_boot                     1ec
    _pad5                           1ed
    sentinel                        1ef
    _pad6                           1f0
    hdr.setup_sects                 1f1
    hdr.root_flags                  1f2
    hdr.syssize                     1f4
    hdr.ram_size                    1f8
    hdr.vid_mode                    1fa
    hdr.root_dev                    1fc
    hdr.boot_flag                   1fe
    hdr.jump                        200
    hdr.header                      202
    hdr.version                     206
    hdr.realmode_swtch              208
    hdr.start_sys_seg               20c
    hdr.kernel_version              20e
    hdr.type_of_loader              210
    hdr.loadflags                   211
    hdr.setup_move_size             212
    hdr.code32_start                214
    hdr.ramdisk_image               218
    hdr.ramdisk_size                21c
    hdr.bootsect_kludge             220
    hdr.heap_end_ptr                224
    hdr.ext_loader_ver              226
    hdr.ext_loader_type             227
    hdr.cmd_line_ptr                228
    hdr.initrd_addr_max             22c
    hdr.kernel_alignment            230
    hdr.relocatable_kernel          234
    hdr.min_alignment               235
    hdr.xloadflags                  236
    hdr.cmdline_size                238
    hdr.hardware_subarch            23c
    hdr.hardware_subarch_data       240
    hdr.payload_offset              248
    hdr.payload_length              24c
    hdr.setup_data                  250
    hdr.pref_address                258
    hdr.init_size                   260
    hdr.handover_offset             264
    hdr.kernel_info_offset          268
    _pad7                           26c
    edd_mbr_sig_buffer              290
    e820_table                      2d0
    _pad8                           cd0
    eddbuf                          d00
    _pad9                           eec
"""


def _table():
    rows = [line.split() for line in LAYOUT.split("\n") if line.strip()]
    starts = [int(offset, 16) for _, offset in rows]
    return [(name, start, end) for (name, _), start, end in zip(rows, starts, [*starts[1:], SIZE])]


FIELDS = _table()


def fields(data):
    """The bytes of each field, by its name; together all of the structure."""
    return {name: data[start:end] for name, start, end in FIELDS}


def e820(data):
    """[(start, size, type)], in the order of the table."""
    table = fields(data)["e820_table"]
    entries = [table[at * 20 : at * 20 + 20] for at in range(fields(data)["e820_entries"][0])]
    return [tuple(int.from_bytes(e[a:b], "little") for a, b in ((0, 8), (8, 16), (16, 20))) for e in entries]
