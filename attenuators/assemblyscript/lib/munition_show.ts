// SPDX-License-Identifier: MIT
// Text under construction, values as console shows them, and loops over what has elements.

// ---- text, as UTF-16 in unmanaged memory

// @ts-ignore: decorator
@lazy let munition$textAt: usize = 0;
// @ts-ignore: decorator
@lazy let munition$textLength: usize = 0;
// @ts-ignore: decorator
@lazy let munition$textRoom: usize = 0;

export function munition$add(text: string): void {
  let size = <usize>text.length << 1;
  let end = munition$textLength + size;
  if (end > munition$textRoom) munition$textGrow(end);
  memory.copy(munition$textAt + munition$textLength, changetype<usize>(text), size);
  munition$textLength = end;
}

export function munition$addUnit(unit: i32): void {
  let end = munition$textLength + 2;
  if (end > munition$textRoom) munition$textGrow(end);
  store<u16>(munition$textAt + munition$textLength, <u16>unit);
  munition$textLength = end;
}

function munition$textGrow(least: usize): void {
  let room = max<usize>(256, munition$textRoom);
  while (room < least) room <<= 1;
  munition$textAt = munition$textAt ? heap.realloc(munition$textAt, room) : heap.alloc(room);
  munition$textRoom = room;
}

export function munition$mark(): usize {
  return munition$textLength;
}

// The text since `mark`, which is taken off.
export function munition$cut(mark: usize): string {
  let text = String.UTF16.decodeUnsafe(munition$textAt + mark, munition$textLength - mark);
  munition$textLength = mark;
  return text;
}

// ---- numbers as JavaScript writes them

export function munition$number<T>(value: T): string {
  if (isFloat<T>()) {
    let text = (<f64>value).toString();
    return text.endsWith(".0") ? text.substring(0, text.length - 2) : text;
  }
  return value.toString();
}

// ---- values for people

// @ts-ignore: decorator
@lazy let munition$level: i32 = 0;

export function munition$show<T>(value: T): string {
  if (isString<T>() && !isNullable<T>()) return changetype<string>(value);
  let mark = munition$mark();
  if (isString<T>() && changetype<usize>(value)) munition$add(changetype<string>(value));
  else munition$write<T>(value);
  return munition$cut(mark);
}

export function munition$write<T>(value: T): void {
  if (isNullable<T>()) {
    if (changetype<usize>(value) == 0) munition$add("null");
    else munition$write<NonNullable<T>>(value!);
  } else if (isBoolean<T>()) {
    munition$add(value ? "true" : "false");
  } else if (isInteger<T>() || isFloat<T>()) {
    munition$add(munition$number<T>(value));
  } else if (isString<T>()) {
    munition$quoted(changetype<string>(value));
  } else if (isFunction<T>()) {
    munition$add("[Function]");
  } else if (munition$level >= 6) {
    munition$add("...");
  } else {
    ++munition$level;
    munition$writeObject<T>(value);
    --munition$level;
  }
}

function munition$quoted(text: string): void {
  munition$add("'");
  munition$add(text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n"));
  munition$add("'");
}

function munition$writeObject<T>(value: T): void {
  if (value instanceof ArrayBuffer) {
    munition$add("ArrayBuffer(" + value.byteLength.toString() + ")");
  } else if (value instanceof Map) {
    munition$writeMap(value);
  } else if (value instanceof Set) {
    munition$writeSet(value);
  } else if (value instanceof Date) {
    munition$add(value.toISOString());
  } else if (isArrayLike<T>()) {
    let n = value.length;
    munition$add(n ? "[ " : "[");
    for (let i = 0; i < n; ++i) {
      if (i) munition$add(", ");
      munition$write<valueof<T>>(value[i]);
    }
    munition$add(n ? " ]" : "]");
  } else if (isDefined(value.munition$show)) {
    munition$add(nameof<T>() + " {");
    value.munition$show();
    munition$add(" }");
  } else {
    munition$add(nameof<T>());
  }
}

function munition$writeMap<K, V>(map: Map<K, V>): void {
  let keys = map.keys(), values = map.values();
  munition$add("Map(" + keys.length.toString() + ") {");
  for (let i = 0; i < keys.length; ++i) {
    munition$add(i ? ", " : " ");
    munition$write<K>(keys[i]);
    munition$add(" => ");
    munition$write<V>(values[i]);
  }
  munition$add(keys.length ? " }" : "}");
}

function munition$writeSet<T>(set: Set<T>): void {
  let values = set.values();
  munition$add("Set(" + values.length.toString() + ") {");
  for (let i = 0; i < values.length; ++i) {
    munition$add(i ? ", " : " ");
    munition$write<T>(values[i]);
  }
  munition$add(values.length ? " }" : "}");
}

export function munition$showField<T>(first: bool, name: string, value: T): void {
  munition$add(first ? " " : ", ");
  munition$add(name);
  munition$add(": ");
  munition$write<T>(value);
}

// ---- for (x of ...)

export class munition$Pair<K, V> {
  constructor(public key: K, public value: V) {}
}

export function munition$pairs<K, V>(map: Map<K, V>): munition$Pair<K, V>[] {
  let keys = map.keys(), values = map.values();
  let pairs = new Array<munition$Pair<K, V>>();
  for (let i = 0; i < keys.length; ++i) pairs.push(new munition$Pair<K, V>(keys[i], values[i]));
  return pairs;
}

// A character is a code point: one unit, or a pair of surrogates.
export function munition$width(text: string, i: i32): i32 {
  let unit = text.charCodeAt(i);
  if ((unit & 0xfc00) != 0xd800 || i + 1 >= text.length) return 1;
  return (text.charCodeAt(i + 1) & 0xfc00) == 0xdc00 ? 2 : 1;
}

export function munition$character(text: string, i: i32): string {
  return text.substring(i, i + munition$width(text, i));
}
