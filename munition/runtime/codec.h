/* SPDX-License-Identifier: MIT */
/* Values across the boundary (section 7 of the ABI page). */
#ifndef MUNITION_CODEC_H
#define MUNITION_CODEC_H

#include "rt.h"

enum { CODEC_DEPTH = 100 };

/* Decode the arguments at `bytes` and push them onto the shadow stack. Returns how many, or -1: an error is pending. */
i32 codec_decode(const u8 *bytes, u32 length);

/* Append the encoding of a value. false = an error is pending, or *refused says why the value cannot cross:
 * "value["x"][3]: a function". `root` is what the value is called, `number` stands for a %d in it. */
bool codec_encode(Buffer *out, Value v, const char *root, int number, Buffer *refused);

#endif
