// SPDX-License-Identifier: MIT
// JSON of typed values. Imported from "munition" as JSON; here because classes carry methods that call it.

// @ts-ignore: decorator
@lazy const munition$JSON_DEPTH: i32 = 200;
// @ts-ignore: decorator
@lazy let munition$jsonLevel: i32 = 0;

function munition$jsonDeeper(): void {
  if (++munition$jsonLevel > munition$JSON_DEPTH) throw new Error("JSON: nested deeper than 200 levels, or a cycle");
}

// ---- writing

export function munition$stringify<T>(value: T): string {
  let mark = munition$mark();
  munition$jsonLevel = 0;
  munition$json<T>(value);
  return munition$cut(mark);
}

function munition$json<T>(value: T): void {
  if (isNullable<T>()) {
    if (changetype<usize>(value) == 0) munition$add("null");
    else munition$json<NonNullable<T>>(value!);
  } else if (isBoolean<T>()) {
    munition$add(value ? "true" : "false");
  } else if (isFloat<T>()) {
    munition$add(isFinite(value) ? munition$number<T>(value) : "null");
  } else if (isInteger<T>()) {
    munition$add(value.toString());
  } else if (isString<T>()) {
    munition$jsonText(changetype<string>(value));
  } else {
    munition$jsonDeeper();
    munition$jsonObject<T>(value);
    --munition$jsonLevel;
  }
}

function munition$jsonObject<T>(value: T): void {
  if (value instanceof Map) {
    munition$jsonMap(value);
  } else if (value instanceof Set) {
    munition$jsonSet(value);
  } else if (value instanceof Date) {
    munition$jsonText(value.toISOString());
  } else if (value instanceof ArrayBuffer) {
    munition$jsonObject<Uint8Array>(Uint8Array.wrap(value));
  } else if (isArrayLike<T>()) {
    munition$addUnit(0x5b);
    for (let i = 0, n = value.length; i < n; ++i) {
      if (i) munition$addUnit(0x2c);
      munition$json<valueof<T>>(value[i]);
    }
    munition$addUnit(0x5d);
  } else {
    munition$addUnit(0x7b);
    value.munition$json();
    munition$addUnit(0x7d);
  }
}

function munition$jsonMap<K, V>(map: Map<K, V>): void {
  let keys = map.keys(), values = map.values();
  munition$addUnit(0x7b);
  for (let i = 0; i < keys.length; ++i) {
    if (i) munition$addUnit(0x2c);
    if (isString<K>()) munition$jsonText(changetype<string>(keys[i]));
    else munition$jsonText(munition$number<K>(keys[i]));
    munition$addUnit(0x3a);
    munition$json<V>(values[i]);
  }
  munition$addUnit(0x7d);
}

function munition$jsonSet<T>(set: Set<T>): void {
  munition$jsonObject<Array<T>>(set.values());
}

export function munition$jsonField<T>(first: bool, name: string, value: T): void {
  if (!first) munition$addUnit(0x2c);
  munition$jsonText(name);
  munition$addUnit(0x3a);
  munition$json<T>(value);
}

// @ts-ignore: decorator
@lazy const munition$HEX = "0123456789abcdef";

function munition$jsonText(text: string): void {
  munition$addUnit(0x22);
  for (let i = 0, n = text.length; i < n; ++i) {
    let unit = text.charCodeAt(i);
    if (unit == 0x22 || unit == 0x5c) {
      munition$addUnit(0x5c);
      munition$addUnit(unit);
    } else if (unit == 0x0a) {
      munition$add("\\n");
    } else if (unit == 0x0d) {
      munition$add("\\r");
    } else if (unit == 0x09) {
      munition$add("\\t");
    } else if (unit == 0x08) {
      munition$add("\\b");
    } else if (unit == 0x0c) {
      munition$add("\\f");
    } else if (unit < 0x20 || (unit & 0xf800) == 0xd800 && !munition$paired(text, i)) {
      munition$add("\\u");
      for (let shift = 12; shift >= 0; shift -= 4) munition$addUnit(munition$HEX.charCodeAt((unit >> shift) & 15));
    } else {
      munition$addUnit(unit);
    }
  }
  munition$addUnit(0x22);
}

// Whether a surrogate belongs to a pair; a lone one is escaped, as JavaScript does.
function munition$paired(text: string, i: i32): bool {
  let unit = text.charCodeAt(i);
  if ((unit & 0xfc00) == 0xd800) return i + 1 < text.length && (text.charCodeAt(i + 1) & 0xfc00) == 0xdc00;
  return i > 0 && (text.charCodeAt(i - 1) & 0xfc00) == 0xd800;
}

// ---- reading

// @ts-ignore: decorator
@lazy let munition$src: string = "";
// @ts-ignore: decorator
@lazy let munition$pos: i32 = 0;

export function munition$parse<T>(text: string): T {
  munition$src = text;
  munition$pos = 0;
  munition$jsonLevel = 0;
  let value = munition$jsonTake<T>();
  munition$blank();
  if (munition$pos < text.length) munition$wrong("the end");
  munition$src = "";
  return value;
}

function munition$wrong(wanted: string): void {
  let found = munition$pos < munition$src.length ? "'" + munition$src.charAt(munition$pos) + "'" : "the end";
  throw new Error("JSON: " + wanted + " is expected, not " + found + ", at " + munition$pos.toString());
}

function munition$blank(): void {
  let n = munition$src.length;
  while (munition$pos < n) {
    let unit = munition$src.charCodeAt(munition$pos);
    if (unit != 0x20 && unit != 0x0a && unit != 0x0d && unit != 0x09) break;
    munition$pos += 1;
  }
}

// The next unit that is not blank; -1 at the end.
function munition$look(): i32 {
  munition$blank();
  return munition$pos < munition$src.length ? munition$src.charCodeAt(munition$pos) : -1;
}

function munition$skip(unit: i32): bool {
  if (munition$look() != unit) return false;
  munition$pos += 1;
  return true;
}

function munition$word(word: string): bool {
  munition$blank();
  if (munition$src.substr(munition$pos, word.length) != word) return false;
  munition$pos += word.length;
  return true;
}

export function munition$jsonTake<T>(): T {
  if (isNullable<T>()) {
    if (munition$word("null")) return changetype<T>(<usize>0);
    return munition$jsonTake<NonNullable<T>>();
  }
  if (isBoolean<T>()) {
    if (munition$word("true")) return <T>true;
    if (!munition$word("false")) munition$wrong("true or false");
    return <T>false;
  } else if (isInteger<T>()) {
    return munition$jsonInteger<T>();
  } else if (isFloat<T>()) {
    return <T>parseFloat(munition$jsonDigits(true));
  } else if (isString<T>()) {
    return changetype<T>(munition$jsonString());
  } else {
    munition$jsonDeeper();
    let value = munition$jsonTakeObject<T>();
    --munition$jsonLevel;
    return value;
  }
}

// The text of a number, by JSON's grammar.
function munition$jsonDigits(fraction: bool): string {
  munition$blank();
  let start = munition$pos;
  munition$skipUnit(0x2d);
  if (!munition$skipUnit(0x30) && !munition$digits()) munition$wrong("a number");
  if (fraction && munition$skipUnit(0x2e) && !munition$digits()) munition$wrong("a digit");
  if (fraction && (munition$skipUnit(0x65) || munition$skipUnit(0x45))) {
    if (!munition$skipUnit(0x2b)) munition$skipUnit(0x2d);
    if (!munition$digits()) munition$wrong("a digit");
  }
  return munition$src.substring(start, munition$pos);
}

function munition$skipUnit(unit: i32): bool {
  if (munition$pos >= munition$src.length || munition$src.charCodeAt(munition$pos) != unit) return false;
  munition$pos += 1;
  return true;
}

function munition$digits(): bool {
  let start = munition$pos;
  while (munition$pos < munition$src.length) {
    let unit = munition$src.charCodeAt(munition$pos);
    if (unit < 0x30 || unit > 0x39) break;
    munition$pos += 1;
  }
  return munition$pos > start;
}

function munition$jsonInteger<T>(): T {
  let start = munition$pos;
  let text = munition$jsonDigits(false);
  let next = munition$pos < munition$src.length ? munition$src.charCodeAt(munition$pos) : 0;
  if (next == 0x2e || next == 0x65 || next == 0x45) munition$wrong("an integer");
  let value = isSigned<T>() ? <T>I64.parseInt(text) : <T>U64.parseInt(text);
  if (value.toString() != text && text != "-0") {
    munition$pos = start;
    munition$wrong("a number that fits " + nameof<T>());
  }
  return value;
}

function munition$jsonString(): string {
  if (!munition$skip(0x22)) munition$wrong("a string");
  let start = munition$pos, n = munition$src.length;
  while (munition$pos < n) {
    let unit = munition$src.charCodeAt(munition$pos);
    if (unit == 0x22) {
      munition$pos += 1;
      return munition$src.substring(start, munition$pos - 1);
    }
    if (unit == 0x5c) return munition$jsonEscaped(start);
    if (unit < 0x20) munition$wrong("a character that is no control character");
    munition$pos += 1;
  }
  munition$wrong("the end of the string");
  return "";
}

function munition$jsonEscaped(start: i32): string {
  let mark = munition$mark(), n = munition$src.length;
  munition$add(munition$src.substring(start, munition$pos));
  while (munition$pos < n) {
    let unit = munition$src.charCodeAt(munition$pos);
    if (unit < 0x20) munition$wrong("a character that is no control character");
    munition$pos += 1;
    if (unit == 0x22) return munition$cut(mark);
    munition$addUnit(unit == 0x5c ? munition$escape() : unit);
  }
  munition$wrong("the end of the string");
  return "";
}

function munition$escape(): i32 {
  if (munition$pos >= munition$src.length) munition$wrong("an escape");
  let unit = munition$src.charCodeAt(munition$pos);
  munition$pos += 1;
  switch (unit) {
    case 0x22: case 0x5c: case 0x2f: return unit;
    case 0x6e: return 0x0a;
    case 0x74: return 0x09;
    case 0x72: return 0x0d;
    case 0x62: return 0x08;
    case 0x66: return 0x0c;
    case 0x75: return munition$unicode();
  }
  munition$pos -= 1;
  munition$wrong("an escape");
  return 0;
}

function munition$unicode(): i32 {
  let value = 0;
  for (let i = 0; i < 4; ++i) {
    let unit = munition$pos < munition$src.length ? munition$src.charCodeAt(munition$pos) | 0x20 : 0;
    let digit = unit >= 0x30 && unit <= 0x39 ? unit - 0x30 : unit >= 0x61 && unit <= 0x66 ? unit - 0x57 : -1;
    if (digit < 0) munition$wrong("a hexadecimal digit");
    value = value << 4 | digit;
    munition$pos += 1;
  }
  return value;
}

function munition$jsonTakeObject<T>(): T {
  let known = changetype<T>(<usize>0);
  if (known instanceof Map) {
    let map = instantiate<T>();
    munition$jsonTakeMap(map);
    return map;
  } else if (known instanceof Set) {
    let set = instantiate<T>();
    munition$jsonTakeSet(set);
    return set;
  } else if (known instanceof Array) {
    let list = instantiate<T>();
    munition$jsonTakeArray(list);
    return list;
  } else if (isArrayLike<T>()) {
    let items = munition$jsonTake<Array<valueof<T>>>();
    let list = instantiate<T>(items.length);
    for (let i = 0; i < items.length; ++i) list[i] = items[i];
    return list;
  } else {
    let made = changetype<T>(__new(offsetof<T>(), idof<T>()));
    if (!munition$skip(0x7b)) munition$wrong("an object");
    made.munition$jsonTake();
    return made;
  }
}

function munition$jsonTakeArray<T>(list: T[]): void {
  if (!munition$skip(0x5b)) munition$wrong("an array");
  if (munition$skip(0x5d)) return;
  do { list.push(munition$jsonTake<T>()); } while (munition$skip(0x2c));
  if (!munition$skip(0x5d)) munition$wrong("',' or ']'");
}

function munition$jsonTakeSet<T>(set: Set<T>): void {
  let items = munition$jsonTake<Array<T>>();
  for (let i = 0; i < items.length; ++i) set.add(items[i]);
}

function munition$jsonTakeMap<K, V>(map: Map<K, V>): void {
  if (!munition$skip(0x7b)) munition$wrong("an object");
  let first = true;
  while (true) {
    let key = munition$jsonKey(first);
    if (!key) return;
    first = false;
    if (isString<K>()) map.set(changetype<K>(key!), munition$jsonTake<V>());
    else map.set(<K>(isFloat<K>() ? parseFloat(key!) : <f64>I64.parseInt(key!)), munition$jsonTake<V>());
  }
}

// The next key of an object and its colon; null at the end of the object.
export function munition$jsonKey(first: bool): string | null {
  if (munition$skip(0x7d)) return null;
  if (!first && !munition$skip(0x2c)) munition$wrong("',' or '}'");
  let key = munition$jsonString();
  if (!munition$skip(0x3a)) munition$wrong("':'");
  return key;
}

export function munition$jsonSetField<C, T>(object: C, offset: usize, sample: T): void {
  let value = munition$jsonTake<T>();
  store<T>(changetype<usize>(object) + offset, value);
  if (isManaged<T>()) __link(changetype<usize>(object), changetype<usize>(value), false);
}

export function munition$jsonNeed<T>(name: string, value: T): void {
  if (isReference<T>() && !isNullable<T>() && changetype<usize>(value) == 0) throw new Error("JSON: the field " + name + " is missing");
}

// A value of a field nobody asked for.
export function munition$jsonIgnore(): void {
  munition$jsonDeeper();
  let unit = munition$look();
  if (unit == 0x22) munition$jsonString();
  else if (unit == 0x7b) munition$jsonIgnoreObject();
  else if (unit == 0x5b) munition$jsonIgnoreArray();
  else if (!munition$word("true") && !munition$word("false") && !munition$word("null")) munition$jsonDigits(true);
  --munition$jsonLevel;
}

function munition$jsonIgnoreObject(): void {
  munition$pos += 1;
  let first = true;
  while (munition$jsonKey(first)) {
    first = false;
    munition$jsonIgnore();
  }
}

function munition$jsonIgnoreArray(): void {
  munition$pos += 1;
  if (munition$skip(0x5d)) return;
  do { munition$jsonIgnore(); } while (munition$skip(0x2c));
  if (!munition$skip(0x5d)) munition$wrong("',' or ']'");
}
