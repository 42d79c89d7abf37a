/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU profiles: what CPUID tells the guest. The time stamp counter and RDRAND are hidden in all of them, since the
 * engine has no deterministic ones. Source: Intel SDM volume 2A, "CPUID".
 */
#ifndef BZC_EMU_CPUID_H
#define BZC_EMU_CPUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bzc_cpu_profile {
    const char *name; /* value of --cpu */
    const char *summary;
    bool long_mode;
    uint32_t signature;     /* leaf 1 EAX: family, model, stepping */
    uint32_t features_edx;  /* leaf 1 */
    uint32_t features_ecx;  /* leaf 1 */
    uint32_t extended_edx;  /* leaf 0x80000001 */
    uint32_t extended_ecx;  /* leaf 0x80000001 */
    uint32_t address_sizes; /* leaf 0x80000008 EAX; 0: leaf absent */
    uint32_t extended_leaf; /* highest extended leaf */
};

extern const struct bzc_cpu_profile bzc_cpu_profiles[];
extern const size_t bzc_cpu_profile_count;

/* The profile of this name, or NULL. */
const struct bzc_cpu_profile *bzc_cpu_profile_find(const char *name);

/* EAX, EBX, ECX, EDX of CPUID with EAX = leaf. Leaves that the profile does not have are all zero. */
void bzc_cpuid(const struct bzc_cpu_profile *profile, uint32_t leaf, uint32_t result[4]);

#endif
