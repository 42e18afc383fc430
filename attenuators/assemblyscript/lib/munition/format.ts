// SPDX-License-Identifier: MIT
// format("{} of {:>8.2}", a, b): {} is the next argument, {0} one by its number; after a colon: < > or ^, a zero, the least
// width, a point and decimals, and x for hexadecimal. {{ and }} are braces.

class Piece {
  constructor(public text: string, public value: f64, public kind: i32) {} // 0 text, 1 integer, 2 float
  bits: u64 = 0;
}

function piece<T>(value: T): Piece {
  let out = new Piece(munition$show<T>(value), 0, 0);
  if (isFloat<T>()) {
    out.kind = 2;
    out.value = <f64>value;
  } else if (isInteger<T>() && !isBoolean<T>()) {
    out.kind = 1;
    out.value = <f64>value;
    out.bits = sizeof<T>() == 8 ? <u64>value : <u64>value & ((1 << (sizeof<T>() << 3)) - 1);
  }
  return out;
}

export function format<A = string, B = string, C = string, D = string, E = string, F = string, G = string, H = string>(
  pattern: string,
  a: A = "", b: B = "", c: C = "", d: D = "", e: E = "", f: F = "", g: G = "", h: H = "",
): string {
  return fill(pattern, [piece<A>(a), piece<B>(b), piece<C>(c), piece<D>(d), piece<E>(e), piece<F>(f), piece<G>(g), piece<H>(h)]);
}

function fill(pattern: string, pieces: Piece[]): string {
  let out = "", next = 0, i = 0, plain = 0;
  while (i < pattern.length) {
    let unit = pattern.charCodeAt(i);
    if (unit != 0x7b && unit != 0x7d) {
      i += 1;
      continue;
    }
    out += pattern.substring(plain, i);
    if (i + 1 < pattern.length && pattern.charCodeAt(i + 1) == unit) {
      out += unit == 0x7b ? "{" : "}";
      i += 2;
      plain = i;
      continue;
    }
    let end = pattern.indexOf("}", i);
    if (unit == 0x7d || end < 0) throw new Error("format: a brace without its partner at " + i.toString());
    let colon = pattern.indexOf(":", i);
    if (colon < 0 || colon > end) colon = end;
    let which = colon > i + 1 ? <i32>I32.parseInt(pattern.substring(i + 1, colon)) : next++;
    if (which < 0 || which >= pieces.length) throw new Error("format: there is no argument " + which.toString());
    out += placed(pieces[which], colon < end ? pattern.substring(colon + 1, end) : "");
    i = end + 1;
    plain = i;
  }
  return out + pattern.substring(plain);
}

function placed(item: Piece, spec: string): string {
  let i = 0, align = 0, fillWith = " ", width = 0, decimals = -1;
  let text = item.text;
  if (i < spec.length && "<>^".includes(spec.charAt(i))) align = spec.charCodeAt(i++);
  if (i < spec.length && spec.charCodeAt(i) == 0x30) {
    fillWith = "0";
    i += 1;
  }
  while (i < spec.length && digit(spec, i)) width = width * 10 + spec.charCodeAt(i++) - 0x30;
  if (i < spec.length && spec.charCodeAt(i) == 0x2e) {
    i += 1;
    decimals = 0;
    while (i < spec.length && digit(spec, i)) decimals = decimals * 10 + spec.charCodeAt(i++) - 0x30;
  }
  if (i < spec.length && spec.charCodeAt(i) == 0x78) {
    i += 1;
    text = item.bits.toString(16);
  }
  if (i < spec.length) throw new Error("format: unknown " + spec.substring(i) + " in {:" + spec + "}");
  if (width > 10000 || decimals > 100) throw new Error("format: too wide in {:" + spec + "}");
  if (decimals >= 0 && item.kind) text = fixed(item.value, decimals);
  return pad(text, width, align ? align : item.kind ? 0x3e : 0x3c, fillWith);
}

function digit(text: string, i: i32): bool {
  let unit = text.charCodeAt(i);
  return unit >= 0x30 && unit <= 0x39;
}

function pad(text: string, width: i32, align: i32, fillWith: string): string {
  let missing = width - text.length;
  if (missing <= 0) return text;
  if (align == 0x3c) return text + " ".repeat(missing);
  if (align == 0x5e) return " ".repeat(missing / 2) + text + " ".repeat(missing - missing / 2);
  if (fillWith == "0" && text.startsWith("-")) return "-" + "0".repeat(missing) + text.substring(1);
  return fillWith.repeat(missing) + text;
}

// Decimal places, rounded to nearest: exact while the scaled value fits 53 bits, the shortest text otherwise.
function fixed(value: f64, decimals: i32): string {
  if (!isFinite(value)) return munition$number(value);
  let scale = 10.0 ** <f64>decimals;
  let scaled = Math.round(Math.abs(value) * scale);
  if (scaled >= 9007199254740992.0) return munition$number(value);
  let digits = (<u64>scaled).toString().padStart(decimals + 1, "0");
  let sign = value < 0 && scaled > 0 ? "-" : "";
  if (!decimals) return sign + digits;
  let split = digits.length - decimals;
  return sign + digits.substring(0, split) + "." + digits.substring(split);
}
