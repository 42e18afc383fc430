// SPDX-License-Identifier: MIT
// What JavaScript has and AssemblyScript's parser accepts, but its compiler does not: written in terms of what it has.
//   for (const x of list)          an index loop, for arrays, strings, maps and sets
//   for (const [k, v] of map)      the same, over pairs
//   console.log(a, b, c)           one text

const PAIR = /\bfor\s*\(\s*(?:const|let|var)\s*(\[\s*([A-Za-z_$][\w$]*)\s*,\s*([A-Za-z_$][\w$]*)\s*\])(?=\s*of\b)/g;
const NOT_CODE = /\/\/[^\n]*|\/\*[^]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[^])*`/g;
const WRITERS = new Set(["log", "debug", "info", "warn", "error"]);

// Puts a name of the same length in the place of each `[k, v]`; returns the text and what stood where.
export function hidePairs(text) {
  const pairs = new Map();
  if (!text.includes("[") || !/\bof\b/.test(text)) return { text, pairs };
  const code = text.replace(NOT_CODE, (found) => " ".repeat(found.length));
  let out = text;
  for (const match of code.matchAll(PAIR)) {
    const at = match.index + match[0].indexOf("[");
    const hidden = "$".repeat(match[1].length);
    pairs.set(at, [match[2], match[3]]);
    out = out.slice(0, at) + hidden + out.slice(at + hidden.length);
  }
  return { text: out, pairs };
}

class Rewriter {
  constructor(as, pairs, consoleIsOurs) {
    this.as = as;
    this.pairs = pairs;
    this.consoleIsOurs = consoleIsOurs;
    this.loops = 0;
  }

  walk(node) {
    for (const key of Object.keys(node)) {
      if (key === "range") continue;
      const value = node[key];
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) if (value[i] instanceof this.as.Node) value[i] = this.visit(value[i]);
      } else if (value instanceof this.as.Node) {
        node[key] = this.visit(value);
      }
    }
  }

  visit(node) {
    if (node.kind === this.as.NodeKind.Source) return node;
    this.walk(node);
    if (node.kind === this.as.NodeKind.ForOf) return this.loop(node);
    if (node.kind === this.as.NodeKind.Call) this.print(node);
    return node;
  }

  name(text, range) {
    return this.as.Node.createIdentifierExpression(text, range);
  }

  call(name, args, range) {
    return this.as.Node.createCallExpression(this.name(name, range), null, args, range);
  }

  declare(name, value, range, flags = this.as.CommonFlags.Const) {
    const { Node } = this.as;
    const one = Node.createVariableDeclaration(this.name(name, range), null, flags, null, value, range);
    return Node.createVariableStatement(null, [one], range);
  }

  method(object, name, args, range) {
    const { Node } = this.as;
    const callee = Node.createPropertyAccessExpression(object, this.name(name, range), range);
    return Node.createCallExpression(callee, null, args, range);
  }

  loop(node) {
    const { Node, Token, CommonFlags } = this.as;
    const declared = node.variable.declarations ? node.variable.declarations[0] : null;
    if (declared && (declared.type || declared.initializer)) return node;
    const at = node.variable.range;
    const id = this.loops++;
    const list = () => this.name(`munition$list${id}`, at);
    const index = () => this.name(`munition$index${id}`, at);
    const start = this.method(node.iterable, "munition$items", [], node.iterable.range);
    const length = Node.createPropertyAccessExpression(list(), this.name("length", at), at);
    const more = Node.createBinaryExpression(Token.LessThan, index(), length, at);
    const next = this.method(list(), "munition$next", [index()], at);
    const step = Node.createBinaryExpression(Token.Equals, index(), next, at);
    const item = () => this.method(list(), "munition$at", [index()], at);
    const pair = declared && this.pairs.get(declared.name.range.start);
    const field = (name) => Node.createPropertyAccessExpression(item(), this.name(name, at), at);
    const first = pair
      ? [this.declare(pair[0], field("key"), at), this.declare(pair[1], field("value"), at)]
      : [this.bind(node, declared, item())];
    const body = Node.createBlockStatement([...first, node.body], node.range);
    const zero = Node.createIntegerLiteralExpression(globalThis.i64_zero, at);
    const counter = this.declare(`munition$index${id}`, zero, at, CommonFlags.Let);
    const loop = Node.createForStatement(counter, more, step, body, node.range);
    return Node.createBlockStatement([this.declare(`munition$list${id}`, start, at), loop], node.range);
  }

  bind(node, declared, item) {
    if (!declared) {
      const { Node, Token } = this.as;
      const target = node.variable.expression;
      const set = Node.createBinaryExpression(Token.Equals, target, item, target.range);
      return Node.createExpressionStatement(set);
    }
    declared.initializer = item;
    return node.variable;
  }

  // console.log with anything but one argument: the arguments' texts with spaces between.
  print(node) {
    const { NodeKind, Node, Token } = this.as;
    const callee = node.expression;
    if (!this.consoleIsOurs || callee.kind !== NodeKind.PropertyAccess || !WRITERS.has(callee.property.text)) return;
    if (callee.expression.kind !== NodeKind.Identifier || callee.expression.text !== "console") return;
    if (node.args.length === 1 || node.typeArguments) return;
    const range = node.range;
    let text = null;
    for (const arg of node.args) {
      const shown = this.call("munition$show", [arg], arg.range);
      const space = () => Node.createStringLiteralExpression(" ", range);
      text = text ? Node.createBinaryExpression(Token.Plus, text, space(), range) : null;
      text = text ? Node.createBinaryExpression(Token.Plus, text, shown, range) : shown;
    }
    node.args = [text ?? Node.createStringLiteralExpression("", range)];
  }
}

// Rewrites the trees of `sources`; returns how many loops there were.
export function rewrite(as, sources, pairs) {
  let loops = 0;
  for (const source of sources) {
    const own = source.statements.some((s) => s.name && s.name.text === "console");
    const rewriter = new Rewriter(as, pairs.get(source.normalizedPath) ?? new Map(), !own);
    for (let i = 0; i < source.statements.length; i++) source.statements[i] = rewriter.visit(source.statements[i]);
    loops += rewriter.loops;
  }
  return loops;
}

// What the loops call, as methods of the library's classes: the compiler then finds the right one by the type.
export const WALKED = {
  "~lib/array.ts": { Array: "Array<T>: T" },
  "~lib/staticarray.ts": { StaticArray: "StaticArray<T>: T" },
  "~lib/typedarray.ts": Object.fromEntries(
    ["Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32", "Int64", "Uint64", "Float32", "Float64"].map((n) => {
      const bits = /\d+/.exec(n)[0];
      return [`${n}Array`, `${n}Array: ${n.startsWith("F") ? "f" : n.startsWith("I") ? "i" : "u"}${bits}`];
    }),
  ),
};

export function walkText(path, name) {
  if (path === "~lib/string.ts") {
    return `class A { munition$items(): string { return this; }
      munition$at(i: i32): string { return munition$character(this, i); }
      munition$next(i: i32): i32 { return i + munition$width(this, i); } }`;
  }
  if (path === "~lib/set.ts") return "class A { munition$items(): T[] { return this.values(); } }";
  if (path === "~lib/map.ts") return "class A { munition$items(): munition$Pair<K, V>[] { return munition$pairs<K, V>(this); } }";
  const [own, element] = WALKED[path][name].split(": ");
  return `class A { munition$items(): ${own} { return this; }
    munition$at(i: i32): ${element} { return this[i]; }
    munition$next(i: i32): i32 { return i + 1; } }`;
}

export function isWalked(path, name) {
  const simple = { "~lib/string.ts": "String", "~lib/set.ts": "Set", "~lib/map.ts": "Map" };
  return path in WALKED ? name in WALKED[path] : simple[path] === name;
}
