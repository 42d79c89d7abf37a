/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real-mode part of the test kernels: asks the BIOS, fills boot_params, opens A20, goes to protected mode.
 *
 * Compiled with -m16: 32-bit code with prefixes that runs in real mode. Near pointers are offsets in DS, so an address
 * outside the own 64 KiB goes through FS or GS.
 */
#include "../boot_params.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void setup_main(void);
void jump_to_protected_mode(uint32_t entry, uint32_t boot_params) __attribute__((noreturn));

extern const uint8_t boot_sector[]; /* offset 0 of the segment; the header keeps its place in boot_params */
static uint8_t boot_params[BP_SIZE] __attribute__((aligned(16)));

static void store16(unsigned offset, uint16_t value)
{
    *(volatile uint16_t *)(boot_params + offset) = value;
}

static void store32(unsigned offset, uint32_t value)
{
    *(volatile uint32_t *)(boot_params + offset) = value;
}

static uint32_t load32(unsigned offset)
{
    return *(volatile uint32_t *)(boot_params + offset);
}

static void outb(uint8_t value, uint16_t port)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t inb(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void io_delay(void)
{
    outb(0, 0x80);
}

static uint16_t ds(void)
{
    uint16_t value;
    __asm__("movw %%ds, %0" : "=rm"(value));
    return value;
}

static void print_char(char c)
{
    __asm__ volatile("int $0x10" : : "a"(0x0e00 | (uint8_t)c), "b"(7), "c"(1) : "memory", "cc");
}

static void print(const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            print_char('\r');
        print_char(*text);
    }
}

static void print_decimal(uint32_t value)
{
    char digits[11];
    unsigned at = sizeof(digits) - 1;

    digits[at] = 0;
    do
        digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    print(digits + at);
}

static void die(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* A loader writes its fields into the header that lies in front of this code; the kernel reads them in boot_params. */
static void copy_header(void)
{
    uint16_t magic = *(const volatile uint16_t *)(boot_sector + BP_CL_MAGIC);
    uint16_t offset = *(const volatile uint16_t *)(boot_sector + BP_CL_OFFSET);

    for (unsigned i = BP_HEADER; i < BP_HEADER_END; i++)
        boot_params[i] = boot_sector[i];
#ifdef FAULT_HEADER_COPY
    boot_params[BP_TYPE_OF_LOADER] = 0; /* FAULT: loses what the loader wrote */
#endif
#ifdef FAULT_HEADER_MAGIC
    store32(BP_MAGIC, 0); /* FAULT: nothing tells that these are boot_params */
#endif

    /* boot.rst, "The Kernel Command Line": protocol 2.01 and older. */
    if (!load32(BP_CMD_LINE_PTR) && magic == 0xa33f) {
        uint16_t move_size = *(volatile uint16_t *)(boot_params + BP_SETUP_MOVE_SIZE);
        uint32_t segment = offset < move_size ? ds() : 0x9000;

#ifdef FAULT_CMDLINE_POINTER
        segment += 1; /* FAULT: 16 bytes too high */
#endif
        store32(BP_CMD_LINE_PTR, (segment << 4) + offset);
    }
}

static void detect_video(void)
{
    uint32_t ax = 0x0f00, bx = 0;

    __asm__ volatile("int $0x10" : "+a"(ax), "+b"(bx) : : "memory", "cc");
    boot_params[BP_VIDEO_MODE] = ax & 0x7f;
    boot_params[BP_VIDEO_COLS] = (uint8_t)(ax >> 8);
    store16(BP_VIDEO_PAGE, (uint16_t)(bx >> 8 & 0xff));
    boot_params[BP_VIDEO_LINES] = 25;
    boot_params[BP_IS_VGA] = 1;
}

/* INT 15h AX=E820h: one entry of 20 bytes a call, EBX is the BIOS's own cursor and 0 after the last one. */
static void detect_e820(void)
{
    static uint8_t entry[20];
    uint32_t next = 0;
    unsigned count = 0;

    do {
        uint32_t ax = 0xe820, cx = sizeof(entry), dx = 0x534d4150;
        uint8_t carry;

        __asm__ volatile("int $0x15; setc %0"
                         : "=m"(carry), "+a"(ax), "+b"(next), "+c"(cx), "+d"(dx)
                         : "D"(entry)
                         : "memory", "cc");
        if (carry || ax != 0x534d4150)
            break;
        for (unsigned i = 0; i < sizeof(entry); i++)
            boot_params[BP_E820_TABLE + count * sizeof(entry) + i] = entry[i];
        count++;
    } while (next && count < BP_E820_MAX);
#ifdef FAULT_E820
    if (count)
        count--; /* FAULT: the kernel never hears of the last range */
#endif
    boot_params[BP_E820_ENTRIES] = (uint8_t)count;
}

static void detect_memory(void)
{
    uint32_t ax = 0xe801, bx = 0, cx = 0, dx = 0, low = 0;
    uint8_t carry;

    detect_e820();

    __asm__ volatile("int $0x15; setc %0" : "=m"(carry), "+a"(ax), "+b"(bx), "+c"(cx), "+d"(dx) : : "memory", "cc");
    if (!carry) {
        /* AX and BX on some BIOSes, CX and DX on others: KiB to 16 MiB and 64 KiB blocks above. */
        if (!(cx | dx)) {
            cx = ax;
            dx = bx;
        }
        cx &= 0xffff;
        dx &= 0xffff;
        if (cx <= 15 * 1024)
            store32(BP_ALT_MEM_K, cx == 15 * 1024 ? (dx << 6) + cx : cx);
    }

    ax = 0x8800;
    __asm__ volatile("int $0x15; setc %0" : "=m"(carry), "+a"(ax) : : "memory", "cc");
    if (!carry)
        store16(BP_EXT_MEM_K, (uint16_t)ax);

    __asm__ volatile("int $0x12" : "+a"(low) : : "memory", "cc");
    print("  memory: ");
    print_decimal(low & 0xffff);
    print(" KiB low, ");
    print_decimal(load32(BP_ALT_MEM_K));
    print(" KiB above 1 MiB, ");
    print_decimal(boot_params[BP_E820_ENTRIES]);
    print(" e820 ranges\n");
}

/*
 * FFFF:0500 is the byte at 0x1004f0. With A20 closed that is 0000:04F0, the area that the BIOS leaves to programs for
 * talking to each other. An open gate may need a moment to show.
 */
static bool a20_is_open(unsigned tries)
{
    uint8_t low, high, changed, saved;

    __asm__ volatile("movw %w0, %%fs; movw %w1, %%gs" : : "r"(0), "r"(0xffff));
    while (tries--) {
        __asm__ volatile("movb %%fs:0x4f0, %0" : "=q"(saved) : : "memory");
        __asm__ volatile("movb %%gs:0x500, %0" : "=q"(high) : : "memory");
        low = (uint8_t)~high;
        __asm__ volatile("movb %0, %%fs:0x4f0" : : "q"(low) : "memory");
        io_delay();
        __asm__ volatile("movb %%gs:0x500, %0" : "=q"(changed) : : "memory");
        __asm__ volatile("movb %0, %%fs:0x4f0" : : "q"(saved) : "memory");
        if (changed == high)
            return true;
    }
    return false;
}

/* By the BIOS, else by the fast gate of port 92h. */
static bool open_a20(void)
{
    uint32_t ax = 0x2401;

#ifdef FAULT_A20
    return true; /* FAULT: neither opened nor tested */
#endif
    if (a20_is_open(1))
        return true;
    __asm__ volatile("int $0x15" : "+a"(ax) : : "memory", "cc");
    if (a20_is_open(10))
        return true;
    outb((uint8_t)((inb(0x92) | 2) & ~1), 0x92); /* bit 0 would reset the machine */
    return a20_is_open(1000);
}

#ifdef FAULT_HOOK
/* FAULT: code32_start leads to code that is not of the protected-mode part: mov $0x100000, %eax; jmp *%eax. */
static void write_hook(void)
{
    static const uint8_t code[] = {0xb8, 0x00, 0x00, 0x10, 0x00, 0xff, 0xe0};
    uint32_t at = load32(BP_CODE32_START);

    __asm__ volatile("movw %w0, %%fs" : : "r"(at >> 4));
    for (unsigned i = 0; i < sizeof(code); i++)
        __asm__ volatile("movb %0, %%fs:(%1)" : : "q"(code[i]), "r"(i) : "memory");
}
#endif

#ifdef STYLE_ZIMAGE
/*
 * boot.rst, "Memory Layout" of a zImage: loaded at 0x10000, run at 0x1000. 4 KiB at a time, from below, so that source
 * and target may overlap. The real-mode part lies above both.
 */
static void move_low(void)
{
    uint32_t pages = (load32(BP_SYSSIZE) + 255) / 256;

    for (uint32_t page = 0; page < pages; page++) {
        uint32_t from = 0x1000 + page * 0x100, to = 0x100 + page * 0x100, si = 0, di = 0, cx = 1024;

        __asm__ volatile("pushw %%ds; pushw %%es; movw %w3, %%ds; movw %w4, %%es; cld; rep movsl; popw %%es; popw %%ds"
                         : "+S"(si), "+D"(di), "+c"(cx)
                         : "r"(from), "r"(to)
                         : "memory", "cc");
    }
}
#endif

static void go_to_protected_mode(void)
{
    static const uint64_t gdt[] __attribute__((aligned(16))) = {
        0,
        0,
        0x00cf9b000000ffff, /* 0x10: flat code */
        0x00cf93000000ffff, /* 0x18: flat data */
        0x0000890010000067, /* 0x20: a TSS that is never used */
#if defined(FAULT_HANDOVER_CS) || defined(FAULT_HANDOVER_ES)
        0x00cf9b000000ffff, /* 0x28: flat code */
        0x00cf93000000ffff, /* 0x30: flat data */
#endif
    };
    static struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) gdtr;
    static const uint8_t no_idt[6];

    if (load32(BP_REALMODE_SWTCH)) {
        __asm__ volatile("lcallw *%0" : : "m"(boot_params[BP_REALMODE_SWTCH]) : "eax", "ebx", "ecx", "edx", "memory");
    } else {
        __asm__ volatile("cli");
        outb(0x80, 0x70); /* no NMI */
        io_delay();
    }

#ifdef STYLE_ZIMAGE
    move_low();
#endif
    if (!open_a20()) {
        print("The A20 gate does not open.\n");
        die();
    }

#ifdef FAULT_HOOK
    write_hook();
#endif
    outb(0, 0xf0);
    io_delay();
    outb(0, 0xf1);
    io_delay();
    outb(0xff, 0xa1);
    io_delay();
    outb(0xfb, 0x21);
    io_delay();

    gdtr.limit = sizeof(gdt) - 1;
    gdtr.base = ((uint32_t)ds() << 4) + (uint32_t)gdt;
    __asm__ volatile("lidtl %0" : : "m"(no_idt));
    __asm__ volatile("lgdtl %0" : : "m"(gdtr));
    jump_to_protected_mode(load32(BP_CODE32_START), ((uint32_t)ds() << 4) + (uint32_t)boot_params);
}

void setup_main(void)
{
    copy_header();
    print("bzcheck test kernel: setup\n");
    detect_video();
    detect_memory();
#ifdef FAULT_HALT
    print("This kernel needs a CPU that nobody has built yet.\n"); /* FAULT: gives up without a reason */
    die();
#endif
    go_to_protected_mode();
}
