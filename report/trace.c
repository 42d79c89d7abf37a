/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/trace.h"

#include <stdlib.h>

#include "emu/disasm.h"

const char *bzc_record_kind_name(enum bzc_record_kind kind)
{
    static const char *const names[BZC_RECORD_KINDS] = {
        [BZC_RECORD_JUMP] = "jump",
        [BZC_RECORD_EDGE] = "edge",
        [BZC_RECORD_BRANCH] = "branch",
        [BZC_RECORD_INSN] = "insn",
        [BZC_RECORD_PORT_IN] = "port-in",
        [BZC_RECORD_PORT_OUT] = "port-out",
        [BZC_RECORD_BIOS] = "bios",
        [BZC_RECORD_INTERRUPT] = "interrupt",
        [BZC_RECORD_PAGE_FAULT] = "page-fault",
        [BZC_RECORD_A20] = "a20",
        [BZC_RECORD_ROM_WRITE] = "rom-write",
        [BZC_RECORD_OPEN_BUS] = "open-bus",
        [BZC_RECORD_CONSOLE] = "console",
        [BZC_RECORD_RESET] = "reset",
        [BZC_RECORD_CODE] = "code",
        [BZC_RECORD_PAGE_WRITE] = "page-write",
        [BZC_RECORD_WRITE] = "write",
    };

    return names[kind];
}

#define FIRST_SELECTOR (BZC_GPR_COUNT + 1u)
#define FIRST_CONTROL  (FIRST_SELECTOR + BZC_SEG_COUNT)

const char *bzc_trace_register_name(unsigned index)
{
    static const char *const control[] = {"cr0", "cr3", "cr4", "efer"};

    if (index < BZC_GPR_COUNT)
        return bzc_gpr_name((enum bzc_gpr)index);
    if (index == BZC_GPR_COUNT)
        return "rflags";
    if (index < FIRST_CONTROL)
        return bzc_seg_name((enum bzc_seg)(index - FIRST_SELECTOR));
    return control[index - FIRST_CONTROL];
}

uint64_t bzc_trace_register_value(const struct bzc_regs *regs, unsigned index)
{
    if (index < BZC_GPR_COUNT)
        return regs->gpr[index];
    if (index == BZC_GPR_COUNT)
        return regs->rflags;
    if (index < FIRST_CONTROL)
        return regs->seg[index - FIRST_SELECTOR].selector;
    switch (index - FIRST_CONTROL) {
    case 0:
        return regs->cr0;
    case 1:
        return regs->cr3;
    case 2:
        return regs->cr4;
    default:
        return regs->efer;
    }
}

void bzc_trace_record_clear(struct bzc_trace_record *record)
{
    free(record->jump);
    free(record->insn);
    free(record->text);
    record->jump = NULL;
    record->insn = NULL;
    record->text = NULL;
}

void bzc_trace_record_instruction(const struct bzc_trace_record *record, char text[BZC_TRACE_TEXT])
{
    struct bzc_disasm_line line = {0};
    enum bzc_flow flow;

    if (record->text)
        snprintf(line.text, sizeof(line.text), "%s", record->text);
    else if (record->code_size > 0)
        bzc_disasm_one((struct bzc_bytes){record->code, record->code_size}, record->from.linear, record->code_bits,
                       &line, &flow);
    snprintf(text, BZC_TRACE_TEXT, "%.*s", (int)BZC_TRACE_TEXT - 1, line.text);
}
