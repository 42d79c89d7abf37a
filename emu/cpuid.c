/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/cpuid.h"

#include <string.h>

#include "base/bytes.h"

/* Leaf 1 EDX */
#define FPU   (1u << 0)
#define VME   (1u << 1)
#define DE    (1u << 2)
#define PSE   (1u << 3)
#define TSC   (1u << 4)
#define MSR   (1u << 5)
#define PAE   (1u << 6)
#define MCE   (1u << 7)
#define CX8   (1u << 8)
#define SEP   (1u << 11)
#define MTRR  (1u << 12)
#define PGE   (1u << 13)
#define MCA   (1u << 14)
#define CMOV  (1u << 15)
#define PAT   (1u << 16)
#define PSE36 (1u << 17)
#define CLFSH (1u << 19)
#define MMX   (1u << 23)
#define FXSR  (1u << 24)
#define SSE   (1u << 25)
#define SSE2  (1u << 26)
/* Leaf 1 ECX */
#define SSE3 (1u << 0)
#define CX16 (1u << 13)
/* Leaf 0x80000001 */
#define SYSCALL (1u << 11)
#define NX      (1u << 20)
#define LM      (1u << 29)
#define LAHF_LM (1u << 0)

#define FEATURES_I686                                                                                                  \
    (FPU | VME | DE | PSE | TSC | MSR | PAE | MCE | CX8 | SEP | MTRR | PGE | MCA | CMOV | PAT | PSE36 | MMX | FXSR |   \
     SSE)

#define BASIC_LEAVES 2u

const struct bzc_cpu_profile bzc_cpu_profiles[] = {
    {
        .name = "x86-64",
        .summary = "baseline 64-bit CPU (x86-64-v1): SSE2, CMPXCHG16B, NX, long mode; no RDRAND",
        .long_mode = true,
        .signature = 0x6fb, /* family 6, model 15 */
        .features_edx = FEATURES_I686 | CLFSH | SSE2,
        .features_ecx = SSE3 | CX16,
        .extended_edx = SYSCALL | NX | LM,
        .extended_ecx = LAHF_LM,
        .address_sizes = 48u << 8 | 40u,
        .extended_leaf = 0x80000008u,
    },
    {
        .name = "i686",
        .summary = "32-bit CPU of the Pentium III class: PAE, CMOV, SSE; no long mode, no NX",
        .long_mode = false,
        .signature = 0x68a, /* family 6, model 8 */
        .features_edx = FEATURES_I686,
        .extended_leaf = 0,
    },
};
const size_t bzc_cpu_profile_count = sizeof(bzc_cpu_profiles) / sizeof(bzc_cpu_profiles[0]);

const struct bzc_cpu_profile *bzc_cpu_profile_find(const char *name)
{
    for (size_t i = 0; i < bzc_cpu_profile_count; i++)
        if (strcmp(bzc_cpu_profiles[i].name, name) == 0)
            return &bzc_cpu_profiles[i];
    return NULL;
}

void bzc_cpuid(const struct bzc_cpu_profile *profile, uint32_t leaf, uint32_t result[4])
{
    /* Setup code and kernels know this vendor's early quirks best; there is no errata at this model. */
    static const uint8_t vendor[12] = "GenuineIntel";

    memset(result, 0, 4 * sizeof(result[0]));
    switch (leaf) {
    case 0:
        result[0] = BASIC_LEAVES;
        result[1] = bzc_load32(vendor);
        result[3] = bzc_load32(vendor + 4);
        result[2] = bzc_load32(vendor + 8);
        break;
    case 1:
        result[0] = profile->signature;
        result[1] = 1u << 16; /* one logical processor */
        if (profile->features_edx & CLFSH)
            result[1] |= 8u << 8; /* CLFLUSH line: 64 bytes */
        result[2] = profile->features_ecx;
        result[3] = profile->features_edx;
        break;
    case 0x80000000u:
        result[0] = profile->extended_leaf;
        break;
    case 0x80000001u:
        result[2] = profile->extended_ecx;
        result[3] = profile->extended_edx;
        break;
    case 0x80000008u:
        result[0] = profile->address_sizes;
        break;
    default:
        break;
    }
}
