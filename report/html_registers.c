/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source of names and bits: Intel SDM volume 3, "System Architecture Overview", "Segment Descriptors". */
#include <inttypes.h>
#include <string.h>

#include "report/html.h"

struct bit {
    unsigned bit;
    const char *name;
};

static const struct bit cr0_bits[] = {{0, "PE"},  {1, "MP"},  {2, "EM"},  {3, "TS"},  {4, "ET"}, {5, "NE"},
                                      {16, "WP"}, {18, "AM"}, {29, "NW"}, {30, "CD"}, {31, "PG"}};
static const struct bit cr4_bits[] = {
    {0, "VME"},   {1, "PVI"},       {2, "TSD"},    {3, "DE"},          {4, "PSE"},   {5, "PAE"},   {6, "MCE"},
    {7, "PGE"},   {8, "PCE"},       {9, "OSFXSR"}, {10, "OSXMMEXCPT"}, {11, "UMIP"}, {12, "LA57"}, {13, "VMXE"},
    {14, "SMXE"}, {16, "FSGSBASE"}, {17, "PCIDE"}, {18, "OSXSAVE"},    {20, "SMEP"}, {21, "SMAP"}, {22, "PKE"}};
static const struct bit efer_bits[] = {{0, "SCE"}, {8, "LME"}, {10, "LMA"}, {11, "NXE"}, {12, "SVME"}};
static const struct bit flag_bits[] = {{0, "CF"},  {2, "PF"},   {4, "AF"},   {6, "ZF"},  {7, "SF"},  {8, "TF"},
                                       {9, "IF"},  {10, "DF"},  {11, "OF"},  {14, "NT"}, {16, "RF"}, {17, "VM"},
                                       {18, "AC"}, {19, "VIF"}, {20, "VIP"}, {21, "ID"}};

struct table {
    FILE *out;
    bool compare;
};

static void write_bits(FILE *out, uint64_t value, const struct bit *bits, size_t count)
{
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        if (!(value >> bits[i].bit & 1))
            continue;
        fprintf(out, "%s%s", any ? " " : "", bits[i].name);
        any = true;
    }
    if (!any)
        fputs("none set", out);
}

static void begin_row(const struct table *table, const char *name, bool changed)
{
    fprintf(table->out, "<tr%s><th scope=\"row\">%s", table->compare && changed ? " class=\"changed\"" : "", name);
    if (table->compare && changed)
        fputs(" <span class=\"mark\" title=\"changed\">\xe2\x97\x8f</span>", table->out);
}

static void write_number(const struct table *table, const char *name, uint64_t before, uint64_t after,
                         const struct bit *bits, size_t count)
{
    begin_row(table, name, before != after);
    if (table->compare)
        fprintf(table->out, "<td>0x%" PRIx64, before);
    fprintf(table->out, "<td>0x%" PRIx64 "<td>", after);
    if (bits)
        write_bits(table->out, after, bits, count);
    fputs("\n", table->out);
}

static void write_selector(FILE *out, const struct bzc_segment *seg)
{
    fprintf(out, "<td>0x%x", seg->selector);
}

static void write_descriptor(FILE *out, const struct bzc_segment *seg, bool cs)
{
    unsigned type = BZC_SEG_TYPE(seg->access);

    if (!(seg->access & BZC_SEG_P)) {
        fputs("<td>not present", out);
        return;
    }
    fprintf(out, "<td>base 0x%" PRIx64 ", limit 0x%" PRIx32 ", ", seg->base, seg->limit);
    if (type & 8)
        fprintf(out, "%s-bit code", seg->access & BZC_SEG_L ? "64" : seg->access & BZC_SEG_DB ? "32" : "16");
    else
        fprintf(out, "data, %s", type & 2 ? "writable" : "read-only");
    fprintf(out, ", DPL %u", seg->access >> 5 & 3);
    if (cs && !(type & 8))
        fputs(" (no code segment)", out);
}

static void write_segment(const struct table *table, enum bzc_seg id, const struct bzc_segment *before,
                          const struct bzc_segment *after)
{
    begin_row(table, bzc_seg_name(id),
              before->selector != after->selector || before->access != after->access || before->limit != after->limit ||
                  before->base != after->base);
    if (table->compare)
        write_selector(table->out, before);
    write_selector(table->out, after);
    write_descriptor(table->out, after, id == BZC_CS);
    fputs("\n", table->out);
}

static void write_table(const struct table *table, const char *name, const struct bzc_table *before,
                        const struct bzc_table *after)
{
    begin_row(table, name, before->base != after->base || before->limit != after->limit);
    if (table->compare)
        fprintf(table->out, "<td>0x%" PRIx64, before->base);
    fprintf(table->out, "<td>0x%" PRIx64 "<td>limit 0x%x\n", after->base, after->limit);
}

void bzc_html_registers(FILE *out, const char *caption, const struct bzc_regs *before, const struct bzc_regs *after)
{
    static const enum bzc_seg segs[] = {BZC_CS, BZC_DS, BZC_ES, BZC_SS, BZC_FS, BZC_GS};
    struct table table = {out, before != NULL};
    const struct bzc_regs *old = before ? before : after;
    /* 32-bit code has eight registers; the others are shown where they say something. */
    bool wide = false;

    for (unsigned i = BZC_R8; i < BZC_GPR_COUNT; i++)
        wide = wide || after->gpr[i] != 0 || old->gpr[i] != 0;
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"", out);
    bzc_html_text(out, caption);
    fputs("\"><table class=\"regs\"><caption>", out);
    bzc_html_text(out, caption);
    fprintf(out,
            "</caption>\n<thead><tr><th scope=\"col\">register%s<th scope=\"col\">%s<th scope=\"col\">meaning</thead>"
            "\n<tbody>\n",
            before ? "<th scope=\"col\">one stage before" : "", before ? "here" : "value");
    for (unsigned i = 0; i < (wide ? (unsigned)BZC_GPR_COUNT : (unsigned)BZC_R8); i++)
        write_number(&table, bzc_gpr_name((enum bzc_gpr)i), old->gpr[i], after->gpr[i], NULL, 0);
    write_number(&table, "rip", old->rip, after->rip, NULL, 0);
    write_number(&table, "rflags", old->rflags, after->rflags, flag_bits, sizeof(flag_bits) / sizeof(flag_bits[0]));
    for (unsigned i = 0; i < sizeof(segs) / sizeof(segs[0]); i++)
        write_segment(&table, segs[i], &old->seg[segs[i]], &after->seg[segs[i]]);
    write_number(&table, "cr0", old->cr0, after->cr0, cr0_bits, sizeof(cr0_bits) / sizeof(cr0_bits[0]));
    write_number(&table, "cr2", old->cr2, after->cr2, NULL, 0);
    write_number(&table, "cr3", old->cr3, after->cr3, NULL, 0);
    write_number(&table, "cr4", old->cr4, after->cr4, cr4_bits, sizeof(cr4_bits) / sizeof(cr4_bits[0]));
    write_number(&table, "efer", old->efer, after->efer, efer_bits, sizeof(efer_bits) / sizeof(efer_bits[0]));
    write_table(&table, "gdtr", &old->gdtr, &after->gdtr);
    write_table(&table, "idtr", &old->idtr, &after->idtr);
    fputs("</tbody></table></div>\n", out);
}
