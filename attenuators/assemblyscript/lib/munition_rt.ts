// SPDX-License-Identifier: MIT
// What every compiled script carries: faults, memory for the host, and values on the wire (docs/guest-abi.md, section 7).
// Names begin with munition$, which a script cannot use. Everything that is not reached is left out of the module.

// @ts-ignore: decorator
@lazy const munition$ROOM: usize = memory.data(4096, 8);
// @ts-ignore: decorator
@lazy const munition$TEXT: i32 = 1200; // UTF-16 units of a message that a fault keeps: 3 bytes of UTF-8 each at most
// @ts-ignore: decorator
@lazy const munition$DEPTH: i32 = 100;

// Address of a fault record: u32 length of the block, then a result block. 0 while nothing is wrong.
// @ts-ignore: decorator
@lazy let munition$fault: usize = 0;

// @ts-ignore: decorator
@inline function munition$text(at: usize, text: string, most: i32): usize {
  let units = min(text.length, most);
  let size = String.UTF8.encodeUnsafe(changetype<usize>(text), units, at + 4);
  store<u32>(at, <u32>size);
  return at + 4 + size;
}

function munition$raise(status: u8, message: string, file: string, line: u32, column: u32): void {
  let at = munition$ROOM;
  store<u8>(at + 4, status);
  store<u8>(at + 5, 5);
  let end = munition$text(at + 6, message, munition$TEXT / 4);
  // The message as people read it: the place first when it is one of the script, last when it is one of the library.
  let start = end;
  end += 4;
  // Where in the kit it was raised says nothing to the author of a script.
  if (file.startsWith("~lib/munition")) file = "";
  let inside = file.length > 5 && load<u64>(changetype<usize>(file)) == 0x00620069006c007e; // "~lib"
  if (!inside && file.length) {
    end = munition$place(end, file, line, column);
    store<u16>(end, 0x203a); // ": "
    end += 2;
  }
  end += String.UTF8.encodeUnsafe(changetype<usize>(message), min(message.length, munition$TEXT / 2), end);
  if (inside) {
    store<u16>(end, 0x2820); // " ("
    end = munition$place(end + 2, file, line, column);
    store<u8>(end, 0x29);
    end += 1;
  }
  store<u32>(start, <u32>(end - start - 4));
  store<u32>(end, 0);
  store<u32>(end + 4, 0);
  store<u32>(end + 8, inside || !file.length ? 0 : line);
  store<u32>(at, <u32>(end + 12 - at - 4));
  munition$fault = at;
  unreachable();
}

function munition$place(at: usize, file: string, line: u32, column: u32): usize {
  at += String.UTF8.encodeUnsafe(changetype<usize>(file), min(file.length, 200), at);
  return munition$decimal(munition$decimal(at, line), column);
}

// A colon and a number, without allocating: a fault may come from the allocator itself.
function munition$decimal(at: usize, value: u32): usize {
  store<u8>(at, 0x3a);
  at += 1;
  let digits: usize = 1;
  for (let rest = value / 10; rest; rest /= 10) digits += 1;
  for (let i = digits; i > 0; --i) {
    store<u8>(at + i - 1, 0x30 + <u8>(value % 10));
    value /= 10;
  }
  return at + digits;
}

export function munition$abort(message: string | null = null, file: string | null = null, line: u32 = 0, column: u32 = 0): void {
  munition$raise(1, message ? message! : "aborted", file ? file! : "", line, column);
}

export function munition$denied(capability: string): void {
  munition$raise(1, "the program was not granted '" + capability + "'", "", 0, 0);
}

export function munition$memory(): void {
  munition$raise(3, "not enough memory", "", 0, 0);
}

// ---- bytes on their way to the host: unmanaged, so that nothing moves or dies under the writer

// @ts-ignore: decorator
@lazy let munition$out: usize = 0;
// @ts-ignore: decorator
@lazy let munition$length: usize = 0;
// @ts-ignore: decorator
@lazy let munition$room: usize = 0;
// @ts-ignore: decorator
@lazy let munition$depth: i32 = 0;

function munition$need(bytes: usize): usize {
  let end = munition$length + bytes;
  if (end > munition$room || end < bytes) munition$enlarge(end);
  let at = munition$out + munition$length;
  munition$length = end;
  return at;
}

function munition$enlarge(least: usize): void {
  let room = max<usize>(64, munition$room);
  while (room < least) room <<= 1;
  munition$out = munition$out ? heap.realloc(munition$out, room) : heap.alloc(room);
  munition$room = room;
}

function munition$head(code: u8, count: u32): void {
  let at = munition$need(5);
  store<u8>(at, code);
  store<u32>(at, count, 1);
}

function munition$string(value: string): void {
  let size = <usize>String.UTF8.byteLength(value);
  let at = munition$need(4 + size);
  store<u32>(at, <u32>size);
  String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, at + 4);
}

function munition$bytes(from: usize, size: usize): void {
  munition$head(9, <u32>size);
  memory.copy(munition$need(size), from, size);
}

function munition$deeper(): void {
  if (++munition$depth > munition$DEPTH) munition$raise(5, "the result is nested deeper than 100 levels, or a cycle", "", 0, 0);
}

export function munition$put<T>(value: T): void {
  if (isNullable<T>()) {
    if (changetype<usize>(value) == 0) { store<u8>(munition$need(1), 0); return; }
    munition$put<NonNullable<T>>(value!);
  } else if (isBoolean<T>()) {
    store<u8>(munition$need(1), value ? 2 : 1);
  } else if (isInteger<T>()) {
    let at = munition$need(9);
    if (!isSigned<T>() && sizeof<T>() == 8) store<u8>(at, <i64>value < 0 ? 10 : 3);
    else store<u8>(at, 3);
    store<i64>(at, <i64>value, 1);
  } else if (isFloat<T>()) {
    let at = munition$need(9);
    store<u8>(at, 4);
    store<f64>(at, <f64>value, 1);
  } else if (isString<T>()) {
    store<u8>(munition$need(1), 5);
    munition$string(changetype<string>(value));
  } else {
    munition$deeper();
    munition$putObject<T>(value);
    --munition$depth;
  }
}

function munition$putObject<T>(value: T): void {
  if (value instanceof ArrayBuffer) {
    munition$bytes(changetype<usize>(value), <usize>value.byteLength);
  } else if (value instanceof Uint8Array) {
    munition$bytes(value.dataStart, <usize>value.byteLength);
  } else if (value instanceof Uint8ClampedArray) {
    munition$bytes(value.dataStart, <usize>value.byteLength);
  } else if (value instanceof Map) {
    munition$putMap(value);
  } else if (value instanceof Set) {
    munition$putSet(value);
  } else if (isArrayLike<T>()) {
    munition$head(6, <u32>value.length);
    for (let i = 0, n = value.length; i < n; ++i) munition$put<valueof<T>>(value[i]);
  } else {
    value.munition$put();
  }
}

function munition$putMap<K, V>(map: Map<K, V>): void {
  let keys = map.keys(), values = map.values();
  munition$head(isString<K>() ? 7 : 8, <u32>keys.length);
  for (let i = 0; i < keys.length; ++i) {
    if (isString<K>()) munition$string(changetype<string>(keys[i]));
    else munition$put<K>(keys[i]);
    munition$put<V>(values[i]);
  }
}

function munition$putSet<T>(set: Set<T>): void {
  munition$put<Array<T>>(set.values());
}

export function munition$object(fields: u32): void {
  munition$head(7, fields);
}

export function munition$field<T>(name: string, value: T): void {
  munition$string(name);
  munition$put<T>(value);
}

// The same room for what a host function takes: from a mark on, given back by munition$wireCut.
export function munition$wireMark(): usize {
  return munition$length;
}

export function munition$wireAt(mark: usize): usize {
  return munition$out + mark;
}

export function munition$wireSize(mark: usize): usize {
  return munition$length - mark;
}

export function munition$wireCut(mark: usize): void {
  munition$length = mark;
}

// ---- bytes from the host

// @ts-ignore: decorator
@lazy let munition$in: usize = 0;
// @ts-ignore: decorator
@lazy let munition$end: usize = 0;

export function munition$bad(): void {
  munition$raise(1, "the arguments do not fit the types of the parameters", "", 0, 0);
}

function munition$next(bytes: usize): usize {
  let at = munition$in;
  if (bytes > munition$end - at) munition$bad();
  munition$in = at + bytes;
  return at;
}

function munition$code(): u8 {
  return load<u8>(munition$next(1));
}

// A count of things that take at least `least` bytes each.
function munition$count(least: u32): i32 {
  let found = load<u32>(munition$next(4));
  if (<u64>found * least > <u64>(munition$end - munition$in)) munition$bad();
  return <i32>found;
}

function munition$readString(): string {
  let size = <usize>munition$count(1);
  return String.UTF8.decodeUnsafe(munition$next(size), size);
}

export function munition$take<T>(): T {
  if (isNullable<T>()) {
    if (munition$end > munition$in && load<u8>(munition$in) == 0) {
      munition$in += 1;
      return changetype<T>(<usize>0);
    }
    return munition$take<NonNullable<T>>();
  }
  if (isBoolean<T>()) {
    let code = munition$code();
    if (code != 1 && code != 2) munition$bad();
    return <T>(code == 2);
  } else if (isInteger<T>()) {
    return munition$takeInteger<T>();
  } else if (isFloat<T>()) {
    if (munition$code() != 4) munition$bad();
    return <T>load<f64>(munition$next(8));
  } else if (isString<T>()) {
    if (munition$code() != 5) munition$bad();
    return changetype<T>(munition$readString());
  } else {
    return munition$takeObject<T>();
  }
}

function munition$takeInteger<T>(): T {
  let code = munition$code();
  let wide = !isSigned<T>() && sizeof<T>() == 8;
  if (code != 3 && !(wide && code == 10)) munition$bad();
  let found = load<i64>(munition$next(8));
  if (wide ? (code == 3 && found < 0) : (<i64><T>found != found)) munition$bad();
  return <T>found;
}

function munition$takeObject<T>(): T {
  let known = changetype<T>(<usize>0);
  if (known instanceof ArrayBuffer) {
    return changetype<T>(munition$takeBuffer());
  } else if (known instanceof Uint8Array) {
    return changetype<T>(Uint8Array.wrap(munition$takeBuffer()));
  } else if (known instanceof Uint8ClampedArray) {
    return changetype<T>(Uint8ClampedArray.wrap(munition$takeBuffer()));
  } else if (known instanceof Map) {
    let map = instantiate<T>();
    munition$takeMap(map);
    return map;
  } else if (known instanceof Set) {
    let set = instantiate<T>();
    munition$takeSet(set);
    return set;
  } else if (isArrayLike<T>()) {
    if (munition$code() != 6) munition$bad();
    let n = munition$count(1);
    let list = instantiate<T>(n);
    for (let i = 0; i < n; ++i) list[i] = munition$take<valueof<T>>();
    return list;
  } else {
    if (munition$code() != 6) munition$bad();
    munition$count(1);
    // Without its constructor, which may want arguments: the fields all follow.
    let made = changetype<T>(__new(offsetof<T>(), idof<T>()));
    made.munition$take();
    return made;
  }
}

function munition$takeBuffer(): ArrayBuffer {
  if (munition$code() != 9) munition$bad();
  let size = munition$count(1);
  let buffer = new ArrayBuffer(size);
  memory.copy(changetype<usize>(buffer), munition$next(<usize>size), <usize>size);
  return buffer;
}

function munition$takeMap<K, V>(map: Map<K, V>): void {
  let code = munition$code();
  // No keys are of no type: an empty object may be an empty map of any.
  if (code != 7 && code != 8) munition$bad();
  let n = munition$count(2);
  if (n && (code == 7) != isString<K>()) munition$bad();
  for (let i = 0; i < n; ++i) {
    if (isString<K>()) map.set(changetype<K>(munition$readString()), munition$take<V>());
    else map.set(munition$take<K>(), munition$take<V>());
  }
}

function munition$takeSet<T>(set: Set<T>): void {
  if (munition$code() != 6) munition$bad();
  for (let i = 0, n = munition$count(1); i < n; ++i) set.add(munition$take<T>());
}

// Stores a field as its declaration does, also where the field is readonly.
export function munition$set<C, T>(object: C, offset: usize, sample: T): void {
  let value = munition$take<T>();
  store<T>(changetype<usize>(object) + offset, value);
  if (isManaged<T>()) __link(changetype<usize>(object), changetype<usize>(value), false);
}

// ---- one call

export function munition$input(length: usize): usize {
  return heap.alloc(length);
}

export function munition$open(at: usize, length: usize, most: i32): i32 {
  munition$in = at;
  munition$end = at + length;
  let n = length ? munition$count(1) : 0;
  if (n > most) munition$bad();
  store<u8>(munition$need(1), 0);
  return n;
}

export function munition$results(n: u32): void {
  store<u32>(munition$need(4), n);
}

export function munition$close(): u64 {
  return (<u64>munition$length << 32) | <u64>munition$out;
}

export function munition$run(at: usize, length: usize): u64 {
  munition$open(at, length, 0x7fffffff);
  munition$results(0);
  return munition$close();
}


// ---- what the host answers, field by field

export function munition$readFrom(at: usize, length: usize): i32 {
  munition$in = at;
  munition$end = at + length;
  return munition$count(1);
}

// A nil.
export function munition$readAny(): void {
  if (munition$code() != 0) munition$bad();
}

// How many fields follow.
export function munition$readFields(): i32 {
  let code = munition$code();
  if (code != 6 && code != 7) munition$bad();
  return munition$count(1);
}

export function munition$readName(): string {
  return munition$readString();
}

// A string, as bytes.
export function munition$readOctets(): Uint8Array {
  let code = munition$code();
  if (code != 5 && code != 9) munition$bad();
  let size = munition$count(1);
  let out = new Uint8Array(size);
  memory.copy(out.dataStart, munition$next(<usize>size), <usize>size);
  return out;
}
