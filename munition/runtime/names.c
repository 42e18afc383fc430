/* SPDX-License-Identifier: MIT */
/* Generated from layout.py by `make runtime`. */

#include "rt.h"

struct NameStrings {
    struct { String head; char text[8]; } s0;
    struct { String head; char text[16]; } s1;
    struct { String head; char text[8]; } s2;
    struct { String head; char text[8]; } s3;
    struct { String head; char text[8]; } s4;
    struct { String head; char text[8]; } s5;
    struct { String head; char text[8]; } s6;
    struct { String head; char text[8]; } s7;
    struct { String head; char text[8]; } s8;
    struct { String head; char text[8]; } s9;
    struct { String head; char text[8]; } s10;
    struct { String head; char text[8]; } s11;
    struct { String head; char text[8]; } s12;
    struct { String head; char text[8]; } s13;
    struct { String head; char text[8]; } s14;
    struct { String head; char text[8]; } s15;
    struct { String head; char text[8]; } s16;
    struct { String head; char text[16]; } s17;
    struct { String head; char text[8]; } s18;
    struct { String head; char text[8]; } s19;
    struct { String head; char text[8]; } s20;
    struct { String head; char text[8]; } s21;
    struct { String head; char text[8]; } s22;
    struct { String head; char text[8]; } s23;
    struct { String head; char text[8]; } s24;
    struct { String head; char text[8]; } s25;
    struct { String head; char text[16]; } s26;
    struct { String head; char text[8]; } s27;
    struct { String head; char text[16]; } s28;
    struct { String head; char text[8]; } s29;
    struct { String head; char text[8]; } s30;
    struct { String head; char text[8]; } s31;
    struct { String head; char text[8]; } s32;
    struct { String head; char text[8]; } s33;
    struct { String head; char text[16]; } s34;
    struct { String head; char text[8]; } s35;
    struct { String head; char text[16]; } s36;
    struct { String head; char text[8]; } s37;
    struct { String head; char text[8]; } s38;
    struct { String head; char text[8]; } s39;
    struct { String head; char text[8]; } s40;
    struct { String head; char text[8]; } s41;
    struct { String head; char text[8]; } s42;
    struct { String head; char text[24]; } s43;
    struct { String head; char text[16]; } s44;
    struct { String head; char text[8]; } s45;
    struct { String head; char text[8]; } s46;
    struct { String head; char text[8]; } s47;
    struct { String head; char text[8]; } s48;
    struct { String head; char text[8]; } s49;
    struct { String head; char text[8]; } s50;
};

extern struct NameStrings rt_name_strings;

struct NameStrings rt_name_strings = {
    .s0 = {{{TAG_STRING, 0, 1, 0}, 7, 0x68f9a1bb, NULL}, "__index"},
    .s1 = {{{TAG_STRING, 0, 1, 0}, 10, 0x06929e1b, NULL}, "__newindex"},
    .s2 = {{{TAG_STRING, 0, 1, 0}, 6, 0x46e4e580, NULL}, "__call"},
    .s3 = {{{TAG_STRING, 0, 1, 0}, 5, 0x64d16bf1, NULL}, "__add"},
    .s4 = {{{TAG_STRING, 0, 1, 0}, 5, 0x4e9e6346, NULL}, "__sub"},
    .s5 = {{{TAG_STRING, 0, 1, 0}, 5, 0x49093fea, NULL}, "__mul"},
    .s6 = {{{TAG_STRING, 0, 1, 0}, 5, 0x06736d17, NULL}, "__mod"},
    .s7 = {{{TAG_STRING, 0, 1, 0}, 5, 0xedf03e99, NULL}, "__pow"},
    .s8 = {{{TAG_STRING, 0, 1, 0}, 5, 0x79ac736b, NULL}, "__div"},
    .s9 = {{{TAG_STRING, 0, 1, 0}, 6, 0x5854d6d3, NULL}, "__idiv"},
    .s10 = {{{TAG_STRING, 0, 1, 0}, 6, 0x1c9b80ff, NULL}, "__band"},
    .s11 = {{{TAG_STRING, 0, 1, 0}, 5, 0xdd2a0b3f, NULL}, "__bor"},
    .s12 = {{{TAG_STRING, 0, 1, 0}, 6, 0xe45f5ddc, NULL}, "__bxor"},
    .s13 = {{{TAG_STRING, 0, 1, 0}, 5, 0x002234b4, NULL}, "__shl"},
    .s14 = {{{TAG_STRING, 0, 1, 0}, 5, 0x8acce4b2, NULL}, "__shr"},
    .s15 = {{{TAG_STRING, 0, 1, 0}, 5, 0x0bf101d1, NULL}, "__unm"},
    .s16 = {{{TAG_STRING, 0, 1, 0}, 6, 0x266e06c4, NULL}, "__bnot"},
    .s17 = {{{TAG_STRING, 0, 1, 0}, 8, 0xa6d5d86c, NULL}, "__concat"},
    .s18 = {{{TAG_STRING, 0, 1, 0}, 5, 0xd12701bb, NULL}, "__len"},
    .s19 = {{{TAG_STRING, 0, 1, 0}, 4, 0x934f6e92, NULL}, "__eq"},
    .s20 = {{{TAG_STRING, 0, 1, 0}, 4, 0xa0b9404d, NULL}, "__lt"},
    .s21 = {{{TAG_STRING, 0, 1, 0}, 4, 0x8e64670e, NULL}, "__le"},
    .s22 = {{{TAG_STRING, 0, 1, 0}, 7, 0xe1860b9f, NULL}, "__close"},
    .s23 = {{{TAG_STRING, 0, 1, 0}, 4, 0x6dc23f1d, NULL}, "__gc"},
    .s24 = {{{TAG_STRING, 0, 1, 0}, 6, 0x419999d5, NULL}, "__mode"},
    .s25 = {{{TAG_STRING, 0, 1, 0}, 6, 0x5e5b6743, NULL}, "__name"},
    .s26 = {{{TAG_STRING, 0, 1, 0}, 10, 0x118778bc, NULL}, "__tostring"},
    .s27 = {{{TAG_STRING, 0, 1, 0}, 7, 0xea1240b2, NULL}, "__pairs"},
    .s28 = {{{TAG_STRING, 0, 1, 0}, 11, 0x68354d7d, NULL}, "__metatable"},
    .s29 = {{{TAG_STRING, 0, 1, 0}, 3, 0x9f24f11f, NULL}, "nil"},
    .s30 = {{{TAG_STRING, 0, 1, 0}, 7, 0x24158b77, NULL}, "boolean"},
    .s31 = {{{TAG_STRING, 0, 1, 0}, 6, 0xa12d026d, NULL}, "number"},
    .s32 = {{{TAG_STRING, 0, 1, 0}, 6, 0x446a2fd4, NULL}, "string"},
    .s33 = {{{TAG_STRING, 0, 1, 0}, 5, 0x72351ccd, NULL}, "table"},
    .s34 = {{{TAG_STRING, 0, 1, 0}, 8, 0xfcedeea3, NULL}, "function"},
    .s35 = {{{TAG_STRING, 0, 1, 0}, 6, 0x75c74bd0, NULL}, "thread"},
    .s36 = {{{TAG_STRING, 0, 1, 0}, 8, 0x99aea0f5, NULL}, "userdata"},
    .s37 = {{{TAG_STRING, 0, 1, 0}, 7, 0x9dc6a297, NULL}, "integer"},
    .s38 = {{{TAG_STRING, 0, 1, 0}, 5, 0x1f081117, NULL}, "float"},
    .s39 = {{{TAG_STRING, 0, 1, 0}, 4, 0xb51d658e, NULL}, "true"},
    .s40 = {{{TAG_STRING, 0, 1, 0}, 5, 0xf556a6ae, NULL}, "false"},
    .s41 = {{{TAG_STRING, 0, 1, 0}, 1, 0x3c3e24ab, NULL}, "n"},
    .s42 = {{{TAG_STRING, 0, 1, 0}, 3, 0xb0e681dd, NULL}, "arg"},
    .s43 = {{{TAG_STRING, 0, 1, 0}, 17, 0xa51eadd6, NULL}, "not enough memory"},
    .s44 = {{{TAG_STRING, 0, 1, 0}, 14, 0xe6fd1ab9, NULL}, "stack overflow"},
    .s45 = {{{TAG_STRING, 0, 1, 0}, 3, 0xd477bd30, NULL}, "inf"},
    .s46 = {{{TAG_STRING, 0, 1, 0}, 4, 0xfe75804b, NULL}, "-inf"},
    .s47 = {{{TAG_STRING, 0, 1, 0}, 3, 0x1b47a5b5, NULL}, "nan"},
    .s48 = {{{TAG_STRING, 0, 1, 0}, 4, 0x5c575f78, NULL}, "-nan"},
    .s49 = {{{TAG_STRING, 0, 1, 0}, 1, 0x65764f4a, NULL}, "?"},
    .s50 = {{{TAG_STRING, 0, 1, 0}, 0, 0x1ab1854e, NULL}, ""},
};

String *const rt_names[NAME_COUNT] = {
    &rt_name_strings.s0.head,
    &rt_name_strings.s1.head,
    &rt_name_strings.s2.head,
    &rt_name_strings.s3.head,
    &rt_name_strings.s4.head,
    &rt_name_strings.s5.head,
    &rt_name_strings.s6.head,
    &rt_name_strings.s7.head,
    &rt_name_strings.s8.head,
    &rt_name_strings.s9.head,
    &rt_name_strings.s10.head,
    &rt_name_strings.s11.head,
    &rt_name_strings.s12.head,
    &rt_name_strings.s13.head,
    &rt_name_strings.s14.head,
    &rt_name_strings.s15.head,
    &rt_name_strings.s16.head,
    &rt_name_strings.s17.head,
    &rt_name_strings.s18.head,
    &rt_name_strings.s19.head,
    &rt_name_strings.s20.head,
    &rt_name_strings.s21.head,
    &rt_name_strings.s22.head,
    &rt_name_strings.s23.head,
    &rt_name_strings.s24.head,
    &rt_name_strings.s25.head,
    &rt_name_strings.s26.head,
    &rt_name_strings.s27.head,
    &rt_name_strings.s28.head,
    &rt_name_strings.s29.head,
    &rt_name_strings.s30.head,
    &rt_name_strings.s31.head,
    &rt_name_strings.s32.head,
    &rt_name_strings.s33.head,
    &rt_name_strings.s34.head,
    &rt_name_strings.s35.head,
    &rt_name_strings.s36.head,
    &rt_name_strings.s37.head,
    &rt_name_strings.s38.head,
    &rt_name_strings.s39.head,
    &rt_name_strings.s40.head,
    &rt_name_strings.s41.head,
    &rt_name_strings.s42.head,
    &rt_name_strings.s43.head,
    &rt_name_strings.s44.head,
    &rt_name_strings.s45.head,
    &rt_name_strings.s46.head,
    &rt_name_strings.s47.head,
    &rt_name_strings.s48.head,
    &rt_name_strings.s49.head,
    &rt_name_strings.s50.head,
};
