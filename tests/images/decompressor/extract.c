/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the compressed payload to a kernel that can be entered: what arch/x86/boot/compressed/misc.c of Linux promises,
 * in our own words. The faults of the broken images that concern the kernel's memory sit here, each under its own
 * FAULT_ name.
 */
#include "../boot_params.h"
#include "params.h"
#include "stub.h"

#ifdef __x86_64__
#define LINK_BASE 0xffffffff80000000ull /* virtual minus physical address, as linked */
#else
#define LINK_BASE 0xc0000000u
#endif
#define SEGMENTS_MAX 16
/* The highest address of the decompressor's own memory: 32-bit kernels keep 128 MiB for vmalloc. */
#ifdef __x86_64__
#define HIGHEST 0x3fffffffffffu
#else
#define HIGHEST ((0u - LINK_BASE - (128u << 20) - 1) & 0x7fffffffu)
#endif

struct elf_segment {
    uintptr_t offset, paddr, filesz;
};

static uintptr_t load_word(const uint8_t *p)
{
#ifdef __x86_64__
    return load32(p) | (uint64_t)load32(p + 4) << 32;
#else
    return load32(p);
#endif
}

static unsigned load16(const uint8_t *p)
{
    return (unsigned)(p[0] | p[1] << 8);
}

static size_t unpack(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
    uint32_t magic = load32(in);

    if ((magic & 0xffff) == 0x8b1f)
        return inflate_gzip(in, in_size, out, out_size);
    if (magic == 0x184c2102)
        return unpack_lz4(in, in_size, out, out_size);
    if (magic == 0x464c457f && in_size >= out_size) {
        memmove(out, in, out_size);
        return out_size;
    }
    return 0;
}

/* Moves every PT_LOAD to its place; returns the distance of the entry point from the lowest address. */
static uintptr_t place_segments(const struct stub_params *params, uint8_t *output)
{
    struct elf_segment load[SEGMENTS_MAX];
    unsigned count = 0, wide = sizeof(uintptr_t) == 8;
    uintptr_t entry = load_word(output + 24);
    const uint8_t *header = output + load_word(output + (wide ? 32 : 28));
    unsigned header_size = load16(output + (wide ? 54 : 42)), headers = load16(output + (wide ? 56 : 44));

    if (load32(output) != 0x464c457f)
        fail("Kernel is not a valid ELF file");
    /* Into a copy first: the first segment lands on the ELF header. */
    for (; headers; headers--, header += header_size) {
        if (load32(header) != 1)
            continue;
        if (count == SEGMENTS_MAX)
            fail("Too many segments");
        load[count].offset = load_word(header + (wide ? 8 : 4));
        load[count].paddr = load_word(header + (wide ? 24 : 12));
        load[count].filesz = load_word(header + (wide ? 32 : 16));
        count++;
    }
    for (unsigned i = 0; i < count; i++) {
        uint8_t *to = (uint8_t *)load[i].paddr;

        if (params->flags & FLAG_RELOCATABLE)
            to = output + (load[i].paddr - params->load_addr);
#ifdef FAULT_SEGMENT
        if (i == count - 1)
            to += 0x1000; /* FAULT: one page too high */
#endif
        memmove(to, output + load[i].offset, load[i].filesz);
    }
#ifdef FAULT_BYTE
    output[load[1].paddr - params->load_addr + 8] ^= 0x01; /* FAULT: one bit of the second segment */
#endif
#ifdef FAULT_ENTRY
    entry = params->load_addr; /* FAULT: the entry point need not be the lowest address */
#endif
    return entry - params->load_addr;
}

/*
 * The table that the build appended behind the ELF file, read backwards from the end of the unpacked data: 32-bit
 * slots, on x86-64 then inverse 32-bit slots and 64-bit slots; every list ends (that is, begins) with a zero. An entry
 * is the slot's link-time virtual address, sign-extended.
 */
static void relocate(const struct stub_params *params, uint8_t *output, uintptr_t virtual_delta)
{
    const uint8_t *entry = output + params->output_len - 4;
    uintptr_t delta = (uintptr_t)output - params->load_addr, map = delta - LINK_BASE, slot;

#ifdef __x86_64__
    delta = virtual_delta;
#else
    (void)virtual_delta;
#endif
    if (!delta)
        return;
    for (unsigned list = 0; list < (sizeof(uintptr_t) == 8 ? 3 : 1); list++, entry -= 4) {
        for (bool first = true; load32(entry); entry -= 4, first = false) {
            slot = (uintptr_t)(intptr_t)(int32_t)load32(entry) + map;
            if (slot < (uintptr_t)output || slot >= (uintptr_t)output + params->kernel_size)
                fail("relocation outside of kernel!");
#if defined(FAULT_RELOC_SKIP) || defined(FAULT_RELOC_TWICE)
            /* The last pointer in memory, which the kernel keeps for its self-check. */
            if (first && list == (sizeof(uintptr_t) == 8 ? 2 : 0)) {
#ifdef FAULT_RELOC_SKIP
                continue; /* FAULT: forgotten */
#else
                *(uintptr_t *)slot += delta; /* FAULT: and once more below */
#endif
            }
#endif
            (void)first;
            if (list == 0)
                *(uint32_t *)slot += (uint32_t)delta;
            else if (list == 1)
                *(uint32_t *)slot -= (uint32_t)delta;
            else
                *(uintptr_t *)slot += delta;
        }
    }
}

/* Faults that keep the kernel from being reached, or that touch what belongs to the loader. */
static void misbehave(const uint8_t *boot_params)
{
    (void)boot_params;
#ifdef FAULT_CMDLINE
    *(char *)(uintptr_t)load32(boot_params + BP_CMD_LINE_PTR) = '!'; /* FAULT: the loader's memory */
#endif
#ifdef FAULT_INITRD
    if (load32(boot_params + BP_RAMDISK_SIZE))
        *(uint8_t *)(uintptr_t)load32(boot_params + BP_RAMDISK_IMAGE) ^= 0xff; /* FAULT: the loader's memory */
#endif
#ifdef FAULT_SETUP_DATA
    /* FAULT: the loader's memory; the data of the first node lie behind next, type and len */
    if (load32(boot_params + BP_SETUP_DATA))
        *(uint8_t *)(uintptr_t)(load32(boot_params + BP_SETUP_DATA) + 16) ^= 0xff;
#endif
#ifdef FAULT_LOADER_FIELD
    *(uint8_t *)(uintptr_t)(boot_params + BP_TYPE_OF_LOADER) = 0; /* FAULT: what the loader tells the kernel */
#endif
#ifdef FAULT_LOOP
    __asm__ volatile("1: jmp 1b"); /* FAULT: never ends, nothing changes */
#endif
#ifdef FAULT_LOOP_COUNTER
    /* FAULT: never ends, and no two rounds are alike */
    __asm__ volatile("1: addl $1, %0\n\tadcl $0, 4+%0\n\tjmp 1b" : : "m"(*(uint32_t *)(boot_params + BP_SIZE - 8)));
#endif
#ifdef FAULT_UD2
    __asm__ volatile("ud2"); /* FAULT: an instruction that no CPU has */
#endif
#ifdef FAULT_TRIPLE
    /* FAULT: an exception, and no IDT. Unmapped on x86-64; on i386, without paging, a segment that does not exist. */
#ifdef __x86_64__
    *(volatile uint8_t *)0x0000700000000000 = 1;
#else
    __asm__ volatile("movl %0, %%fs" : : "r"(0x1000));
#endif
#endif
}

void *extract_kernel(uint8_t *boot_params, uint8_t *output, uint8_t *self)
{
    const struct stub_params *params = (const struct stub_params *)(self + PARAMS_OFFSET);
    uintptr_t virtual_delta = 0, entry;

    boot_params[BP_LOADFLAGS] &= (uint8_t)~2;
    if (params->flags & FLAG_KASLR && !command_line_has(boot_params, "nokaslr")) {
        boot_params[BP_LOADFLAGS] |= 2; /* boot.rst, loadflags: KASLR_FLAG tells the kernel proper */
        output = choose_physical(params, boot_params, output, self);
        virtual_delta = choose_virtual(params);
    }
#ifdef FAULT_LIMIT
    if (params->load_addr > HIGHEST) /* FAULT: looks at where the kernel was linked */
#else
    if ((uintptr_t)self > HIGHEST)
#endif
        fail("Destination address too large");
#ifdef FAULT_BASE
    output += params->alignment; /* FAULT: higher than the protocol says */
#endif
#ifdef FAULT_VIRTUAL
    virtual_delta += 0x1000; /* FAULT: neither zero nor aligned */
#endif
    print("\r\nDecompressing bzcheck test kernel... ");
    misbehave(boot_params);
    if (unpack(self + params->input, params->input_len, output, params->output_len) != params->output_len)
        fail("The compressed kernel is damaged");
    entry = params->flags & FLAG_FLAT ? 0 : place_segments(params, output);
    if (params->flags & FLAG_RELOCS)
        relocate(params, output, virtual_delta);
    print("done.\r\nBooting the kernel.\r\n");
    return output + entry;
}
