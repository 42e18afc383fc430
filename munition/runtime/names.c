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
    .s0 = {{{TAG_STRING, 0, 1, 0}, 7, 0x1873fb5b, NULL}, "__index"},
    .s1 = {{{TAG_STRING, 0, 1, 0}, 10, 0x40298ab7, NULL}, "__newindex"},
    .s2 = {{{TAG_STRING, 0, 1, 0}, 6, 0x98037163, NULL}, "__call"},
    .s3 = {{{TAG_STRING, 0, 1, 0}, 5, 0x1f14a78a, NULL}, "__add"},
    .s4 = {{{TAG_STRING, 0, 1, 0}, 5, 0x7c6bb0f0, NULL}, "__sub"},
    .s5 = {{{TAG_STRING, 0, 1, 0}, 5, 0x90718884, NULL}, "__mul"},
    .s6 = {{{TAG_STRING, 0, 1, 0}, 5, 0x347fdf60, NULL}, "__mod"},
    .s7 = {{{TAG_STRING, 0, 1, 0}, 5, 0xfa0cc7d6, NULL}, "__pow"},
    .s8 = {{{TAG_STRING, 0, 1, 0}, 5, 0x14019fab, NULL}, "__div"},
    .s9 = {{{TAG_STRING, 0, 1, 0}, 6, 0x301264ce, NULL}, "__idiv"},
    .s10 = {{{TAG_STRING, 0, 1, 0}, 6, 0xd2ed47ce, NULL}, "__band"},
    .s11 = {{{TAG_STRING, 0, 1, 0}, 5, 0xe26de020, NULL}, "__bor"},
    .s12 = {{{TAG_STRING, 0, 1, 0}, 6, 0xaffbc576, NULL}, "__bxor"},
    .s13 = {{{TAG_STRING, 0, 1, 0}, 5, 0xcba881db, NULL}, "__shl"},
    .s14 = {{{TAG_STRING, 0, 1, 0}, 5, 0x39721b88, NULL}, "__shr"},
    .s15 = {{{TAG_STRING, 0, 1, 0}, 5, 0x3b919378, NULL}, "__unm"},
    .s16 = {{{TAG_STRING, 0, 1, 0}, 6, 0x774f53d7, NULL}, "__bnot"},
    .s17 = {{{TAG_STRING, 0, 1, 0}, 8, 0x5cffba65, NULL}, "__concat"},
    .s18 = {{{TAG_STRING, 0, 1, 0}, 5, 0xd460c5b0, NULL}, "__len"},
    .s19 = {{{TAG_STRING, 0, 1, 0}, 4, 0xf2ffab7c, NULL}, "__eq"},
    .s20 = {{{TAG_STRING, 0, 1, 0}, 4, 0x94464fcb, NULL}, "__lt"},
    .s21 = {{{TAG_STRING, 0, 1, 0}, 4, 0x42c4151e, NULL}, "__le"},
    .s22 = {{{TAG_STRING, 0, 1, 0}, 7, 0x78a2988b, NULL}, "__close"},
    .s23 = {{{TAG_STRING, 0, 1, 0}, 4, 0x22b13451, NULL}, "__gc"},
    .s24 = {{{TAG_STRING, 0, 1, 0}, 6, 0x62ee94a7, NULL}, "__mode"},
    .s25 = {{{TAG_STRING, 0, 1, 0}, 6, 0x28fa42f9, NULL}, "__name"},
    .s26 = {{{TAG_STRING, 0, 1, 0}, 10, 0x5860e737, NULL}, "__tostring"},
    .s27 = {{{TAG_STRING, 0, 1, 0}, 7, 0xd3422dfa, NULL}, "__pairs"},
    .s28 = {{{TAG_STRING, 0, 1, 0}, 11, 0x11abeea9, NULL}, "__metatable"},
    .s29 = {{{TAG_STRING, 0, 1, 0}, 3, 0x982eeda7, NULL}, "nil"},
    .s30 = {{{TAG_STRING, 0, 1, 0}, 7, 0x72af56f5, NULL}, "boolean"},
    .s31 = {{{TAG_STRING, 0, 1, 0}, 6, 0x7a46177f, NULL}, "number"},
    .s32 = {{{TAG_STRING, 0, 1, 0}, 6, 0xc178de37, NULL}, "string"},
    .s33 = {{{TAG_STRING, 0, 1, 0}, 5, 0xdae88373, NULL}, "table"},
    .s34 = {{{TAG_STRING, 0, 1, 0}, 8, 0x89372216, NULL}, "function"},
    .s35 = {{{TAG_STRING, 0, 1, 0}, 6, 0x144f28d7, NULL}, "thread"},
    .s36 = {{{TAG_STRING, 0, 1, 0}, 8, 0x62085ef4, NULL}, "userdata"},
    .s37 = {{{TAG_STRING, 0, 1, 0}, 7, 0x26c2e004, NULL}, "integer"},
    .s38 = {{{TAG_STRING, 0, 1, 0}, 5, 0xf618e389, NULL}, "float"},
    .s39 = {{{TAG_STRING, 0, 1, 0}, 4, 0x6b29036f, NULL}, "true"},
    .s40 = {{{TAG_STRING, 0, 1, 0}, 5, 0x5d8f97b3, NULL}, "false"},
    .s41 = {{{TAG_STRING, 0, 1, 0}, 1, 0xb0655a36, NULL}, "n"},
    .s42 = {{{TAG_STRING, 0, 1, 0}, 3, 0x2277188a, NULL}, "arg"},
    .s43 = {{{TAG_STRING, 0, 1, 0}, 17, 0x5e3502bf, NULL}, "not enough memory"},
    .s44 = {{{TAG_STRING, 0, 1, 0}, 14, 0xf41a1bd8, NULL}, "stack overflow"},
    .s45 = {{{TAG_STRING, 0, 1, 0}, 3, 0x546315a2, NULL}, "inf"},
    .s46 = {{{TAG_STRING, 0, 1, 0}, 4, 0x3fc6b056, NULL}, "-inf"},
    .s47 = {{{TAG_STRING, 0, 1, 0}, 3, 0xade661df, NULL}, "nan"},
    .s48 = {{{TAG_STRING, 0, 1, 0}, 4, 0x9473cbb9, NULL}, "-nan"},
    .s49 = {{{TAG_STRING, 0, 1, 0}, 1, 0xd0aa4e22, NULL}, "?"},
    .s50 = {{{TAG_STRING, 0, 1, 0}, 0, 0x00000000, NULL}, ""},
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
