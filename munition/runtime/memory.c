/* SPDX-License-Identifier: MIT */
/* Copying and filling by the bulk instructions: small, and the engine charges fuel for every byte. */
#include "rt.h"

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
    __asm__ volatile("local.get %0\n\tlocal.get %1\n\tlocal.get %2\n\tmemory.copy 0, 0" ::"r"(to), "r"(from), "r"(length)
                     : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t length)
{
    __asm__ volatile("local.get %0\n\tlocal.get %1\n\tlocal.get %2\n\tmemory.copy 0, 0" ::"r"(to), "r"(from), "r"(length)
                     : "memory");
    return to;
}

void *memset(void *to, int byte, size_t length)
{
    __asm__ volatile("local.get %0\n\tlocal.get %1\n\tlocal.get %2\n\tmemory.fill 0" ::"r"(to), "r"(byte), "r"(length)
                     : "memory");
    return to;
}
