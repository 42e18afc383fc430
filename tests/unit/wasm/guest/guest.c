/* SPDX-License-Identifier: MIT */
/* A small guest for the linker's tests: each function exercises one kind of relocation. Build: see README.md. */

typedef unsigned char u8;
typedef unsigned int u32;
typedef long long i64;

struct pair { u32 tag; i64 value; };

#define HOST(module, name) __attribute__((import_module(module), import_name(name)))
#define KEEP __attribute__((used, noinline))
#define KEEP_DATA __attribute__((used))

extern u8 __heap_base;
extern u8 __data_end;
extern u8 __heap_end;

HOST("munition:log", "write") void host_log(const char *text, u32 size);
HOST("munition:time", "now") i64 host_now(void);
HOST("munition:random", "fill") void host_random(void *to, u32 size);
HOST("link", "main") i64 link_main(i64 argument);
HOST("link", "hook") void link_hook(u32 code);

struct config { u32 version; u32 heap_limit; u32 table_base; u32 spare; };
KEEP_DATA struct config guest_config = {1, 0, 0, 0};

static u32 counter = 40;
static u8 scratch[4096];
static const char greeting[] = "hello from the guest";
static const u32 squares[8] = {0, 1, 4, 9, 16, 25, 36, 49};

typedef i64 (*unary)(i64);
static i64 twice(i64 x) { return x * 2; }
static i64 negate(i64 x) { return -x; }
static i64 stamped(i64 x) { return x + host_now(); }
static unary const operations[2] = {twice, negate};
static unary const clocks[1] = {stamped};

KEEP u32 guest_add(u32 a, u32 b) { return a + b; }
KEEP u32 guest_count(void) { return ++counter; }
KEEP u32 guest_square(u32 i) { return squares[i & 7]; }
KEEP u32 guest_heap_base(void) { return (u32)&__heap_base; }
KEEP_DATA u8 *guest_heap_pointer = &__heap_base + 8;
KEEP u32 guest_heap_word(void) { return (u32)guest_heap_pointer; }
KEEP u32 guest_heap_end(void) { return (u32)&__heap_end; }
KEEP u32 guest_data_end(void) { return (u32)&__data_end; }
KEEP u32 guest_limit(void) { return guest_config.heap_limit; }
KEEP void guest_greet(void) { host_log(greeting, sizeof greeting - 1); }
KEEP i64 guest_apply(u32 which, i64 x) { return operations[which & 1](x); }
KEEP i64 guest_apply_clock(u32 which, i64 x) { return clocks[which & 0](x); }
KEEP i64 guest_call(u32 slot, i64 x) { return ((unary)slot)(x); }
KEEP struct pair guest_pair(u32 tag, i64 x) { struct pair p = {tag, x + 1}; return p; }
KEEP i64 guest_main(i64 x) { return link_main(x) + 1; }
KEEP void guest_hook(u32 code) { link_hook(code); }
KEEP u32 guest_random(void) { u32 x = 0; host_random(&x, sizeof x); return x; }
KEEP u8 *guest_scratch(void) { scratch[1] = (u8)counter; return scratch; }
KEEP i64 guest_stack(u32 n) {
    volatile i64 cells[16];
    for (u32 i = 0; i < 16; i++) cells[i] = guest_call(n, i);
    i64 sum = 0;
    for (u32 i = 0; i < 16; i++) sum += cells[i];
    return sum;
}
struct node { const char *text; const struct node *next; unary call; };
static const struct node last = {"last", 0, twice};
static const struct node first = {"first", &last, negate};
KEEP_DATA const struct node *const guest_nodes = &first;
KEEP u32 guest_node(u32 skip) {
    const struct node *n = guest_nodes;
    while (skip-- && n->next) n = n->next;
    return (u32)n->text[0];
}
KEEP u32 guest_overlap(u32 i) {
    switch (i) {
    case 0: return (u32)"shared tail";
    case 1: return (u32)"tail";
    case 2: return (u32)"unshared";
    default: return 0;
    }
}
