// SPDX-License-Identifier: MIT
// What of a script can be called from outside: finds it in the syntax trees, adds the code that carries values across,
// and reads the types of the result from the resolved program.

import { isWalked, walkText } from "./rewrite.mjs";

const CALL = "munition$call$";
const MAX_NAME = 200;

// Parses declarations that are added to a script; the compiler must know the file they say they are from.
function parseAdded(as, parser, text) {
  const source = new as.Source(as.SourceKind.Library, "~lib/munition_rt.ts", text);
  const tokens = new as.Tokenizer(source, parser.diagnostics);
  const before = parser.currentSource;
  parser.currentSource = source;
  const out = [];
  while (tokens.peek() !== as.Token.EndOfFile) {
    const statement = parser.parseTopLevelStatement(tokens, null);
    if (!statement) break;
    out.push(statement);
  }
  parser.currentSource = before;
  return out;
}

function textOf(node) {
  return node.range.source.text.substring(node.range.start, node.range.end);
}

// Names a file exports by `export { a as b }`; declarations that say `export` themselves are found where they are.
function namedExports(as, source) {
  const names = new Set();
  for (const s of source.statements) {
    if (s.kind === as.NodeKind.Export && s.members && !s.path) for (const m of s.members) names.add(m.localName.text);
  }
  return names;
}

// Every name in it that is not the script's begins with munition$, so that none hides one of the script's.
function callText(declaration) {
  const parameters = declaration.signature.parameters;
  const name = declaration.name.text;
  const required = parameters.filter((p) => p.parameterKind === 0).length;
  const lines = [`export function ${CALL}${name}(munition$at: usize, munition$size: usize): u64 {`];
  lines.push(`  let munition$n = munition$open(munition$at, munition$size, ${parameters.length});`);
  if (required) lines.push(`  if (munition$n < ${required}) munition$bad();`);
  const nothing = textOf(declaration.signature.returnType) === "void";
  const names = [];
  for (let i = 0; i <= parameters.length; i++) {
    if (i >= required && i < parameters.length) lines.push(`  if (munition$n == ${i}) {`);
    if (i >= required) {
      const call = `${name}(${names.join(", ")})`;
      lines.push(nothing ? `  ${call}; munition$results(0);` : `  let munition$r = ${call}; munition$results(1); munition$put(munition$r);`);
      lines.push("  return munition$close();");
      if (i < parameters.length) lines.push("  }");
    }
    if (i < parameters.length) {
      names.push(`munition$a${i}`);
      lines.push(`  let munition$a${i} = munition$take<${textOf(parameters[i].type)}>();`);
    }
  }
  lines.push("}");
  return lines.join("\n");
}

function callable(as, declaration) {
  return (
    declaration.kind === as.NodeKind.FunctionDeclaration &&
    !declaration.typeParameters &&
    declaration.body !== null &&
    !declaration.is(as.CommonFlags.Declare | as.CommonFlags.Ambient) &&
    declaration.signature.parameters.every((p) => p.parameterKind !== 2 && !as.isTypeOmitted(p.type)) &&
    !as.isTypeOmitted(declaration.signature.returnType)
  );
}

function exportedFunctions(as, source) {
  const named = namedExports(as, source);
  const out = [];
  for (const s of source.statements) {
    const d = s.kind === as.NodeKind.ExportDefault ? s.declaration : s;
    if (!callable(as, d)) continue;
    if (s !== d || d.is(as.CommonFlags.Export) || named.has(d.name.text)) out.push(d);
  }
  return out;
}

function ownFields(as, declaration) {
  return declaration.members.filter(
    (m) => m.kind === as.NodeKind.FieldDeclaration && !m.is(as.CommonFlags.Static | as.CommonFlags.Declare),
  );
}

function classesIn(as, statements, out = []) {
  for (const s of statements) {
    const d = s.kind === as.NodeKind.ExportDefault ? s.declaration : s;
    if (d.kind === as.NodeKind.ClassDeclaration) out.push(d);
    else if (d.kind === as.NodeKind.NamespaceDeclaration) classesIn(as, d.members, out);
  }
  return out;
}

// The names of all fields of a class, those of its bases first, as far as its bases are classes of the script.
function fieldNames(as, declaration, byName, seen = new Set()) {
  if (seen.has(declaration)) return [];
  seen.add(declaration);
  const base = declaration.extendsType && byName.get(textOf(declaration.extendsType.name));
  return [
    ...(base ? fieldNames(as, base, byName, seen) : []),
    ...ownFields(as, declaration).map((f) => f.name.text),
  ];
}

// Methods that carry the fields across. They are virtual, so what leaves is what the object is, not what it is declared.
function classText(names) {
  const each = (text) => names.map((n, i) => text(JSON.stringify(n), n, i)).join(" ");
  return `class A {
    munition$put(): void { munition$object(${names.length}); ${each((q, n) => `munition$field(${q}, this.${n});`)} }
    munition$take(): void { ${each((q, n) => `munition$set(this, offsetof<this>(${q}), this.${n});`)} }
    munition$show(): void { ${each((q, n, i) => `munition$showField(${i === 0}, ${q}, this.${n});`)} }
    munition$json(): void { ${each((q, n, i) => `munition$jsonField(${i === 0}, ${q}, this.${n});`)} }
    munition$jsonTake(): void {
      let first = true;
      while (true) {
        let key = munition$jsonKey(first);
        if (key === null) break;
        first = false;
        ${each((q, n) => `if (key == ${q}) munition$jsonSetField(this, offsetof<this>(${q}), this.${n}); else`)}
        munition$jsonIgnore();
      }
      ${each((q, n) => `munition$jsonNeed(${q}, this.${n});`)}
    }
  }`;
}

function addMembers(as, parser, class_, text) {
  for (const member of parseAdded(as, parser, text)[0].members) {
    if (class_.typeParameters) member.set(as.CommonFlags.GenericContext);
    class_.members.push(member);
  }
}

// Gives the library's classes what loops call.
function addWalks(as, parser) {
  for (const source of parser.sources) {
    for (const s of source.statements) {
      if (s.kind !== as.NodeKind.ClassDeclaration || !isWalked(source.normalizedPath, s.name.text)) continue;
      addMembers(as, parser, s, walkText(source.normalizedPath, s.name.text));
    }
  }
}

export function addSurface(as, parser, sources, loops) {
  const byName = new Map();
  const classes = sources.flatMap((s) => classesIn(as, s.statements));
  for (const c of classes) byName.set(c.name.text, c);
  for (const c of classes) addMembers(as, parser, c, classText(fieldNames(as, c, byName)));
  if (loops) addWalks(as, parser);
  for (const source of sources) {
    for (const d of exportedFunctions(as, source)) source.statements.push(...parseAdded(as, parser, callText(d)));
  }
}

// ---- after the program was initialized

const NUMBERS = new Set(["i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize", "bool", "f32", "f64"]);
const TYPED = new Set([
  "Int8Array", "Int16Array", "Int32Array", "Int64Array", "Uint8Array", "Uint8ClampedArray", "Uint16Array",
  "Uint32Array", "Uint64Array", "Float32Array", "Float64Array",
]);
const LIBRARY = new Map([
  ["~lib/array/Array", "Array"], ["~lib/staticarray/StaticArray", "StaticArray"], ["~lib/map/Map", "Map"],
  ["~lib/set/Set", "Set"], ["~lib/string/String", "string"], ["~lib/arraybuffer/ArrayBuffer", "ArrayBuffer"],
]);

class CannotCross extends Error {}

class Types {
  constructor(as) {
    this.as = as;
    this.names = new Map(); // class instance -> the name it is known by
    this.classes = []; // {name, fields: [{name, type}]}
  }

  spell(type) {
    const class_ = type.classReference;
    if (type.signatureReference) throw new CannotCross("a function");
    if (!class_) {
      const name = type.toString();
      if (name === "void" || NUMBERS.has(name)) return name;
      throw new CannotCross(`${name} is of no kind that crosses`);
    }
    return this.spellClass(class_) + (type.isNullableReference ? "|null" : "");
  }

  spellClass(class_) {
    const path = class_.prototype.internalName;
    const short = LIBRARY.get(path) ?? (path.startsWith("~lib/typedarray/") ? class_.prototype.name : null);
    if (short === null) return this.spellRecord(class_, path);
    if (short === "string" || short === "ArrayBuffer" || TYPED.has(short)) return short;
    return `${short}<${class_.typeArguments.map((t) => this.spell(t)).join(",")}>`;
  }

  spellRecord(class_, path) {
    if (class_.kind !== this.as.ElementKind.Class) throw new CannotCross(`${class_.prototype.name} is an interface`);
    if (path.startsWith("~lib/") || class_.type.isExternalReference) throw new CannotCross(`a ${class_.prototype.name}`);
    const known = this.names.get(class_);
    if (known !== undefined) return known;
    for (let base = class_; base; base = base.base) {
      const at = base.prototype.internalName;
      if (at.startsWith("~lib/") && at !== "~lib/object/Object") throw new CannotCross(`a subclass of ${base.prototype.name}`);
    }
    const wish = class_.name.replace(/[^A-Za-z0-9_$]/g, "_").slice(0, MAX_NAME);
    let name = wish;
    for (let i = 2; this.classes.some((c) => c.name === name); i++) name = `${wish}_${i}`;
    this.names.set(class_, name);
    const record = { name, fields: [] };
    this.classes.push(record);
    try {
      record.fields = fieldsOf(this.as, class_).map(([field, type]) => ({ name: field, type: this.spell(type) }));
    } catch (error) {
      this.names.delete(class_);
      this.classes.splice(this.classes.indexOf(record), 1);
      throw error;
    }
    return name;
  }
}

function fieldsOf(as, class_) {
  const chain = [];
  for (let c = class_; c; c = c.base) chain.unshift(c);
  const out = [];
  for (const c of chain) {
    if (c.prototype.internalName.startsWith("~lib/")) continue;
    for (const f of ownFields(as, c.prototype.declaration)) {
      const member = c.members && c.members.get(f.name.text);
      const property = member && member.kind === as.ElementKind.PropertyPrototype ? member.instance : member;
      if (!property || !property.type) throw new CannotCross(`the field ${f.name.text} of ${c.prototype.name}`);
      out.push([f.name.text, property.type]);
    }
  }
  return out;
}

function exportsOf(file, out = new Map(), seen = new Set()) {
  if (seen.has(file)) return out;
  seen.add(file);
  if (file.exports) for (const [name, element] of file.exports) if (!out.has(name)) out.set(name, element);
  if (file.exportsStar) for (const other of file.exportsStar) exportsOf(other, out, seen);
  return out;
}

function describe(as, program, types, name, prototype) {
  const instance = program.resolver.resolveFunction(prototype, null);
  if (!instance) return null;
  const nodes = prototype.functionTypeNode.parameters;
  const parameters = [];
  const signature = instance.signature;
  for (let i = 0; i < nodes.length; i++) {
    try {
      parameters.push({ name: nodes[i].name.text, type: types.spell(signature.parameterTypes[i]) });
    } catch (error) {
      if (!(error instanceof CannotCross)) throw error;
      return { name, refused: `parameter ${nodes[i].name.text}: ${error.message}`, range: nodes[i].range };
    }
  }
  try {
    const result = types.spell(signature.returnType);
    return { name, parameters, optional: nodes.length - signature.requiredParameters, result };
  } catch (error) {
    if (!(error instanceof CannotCross)) throw error;
    return { name, refused: `its result: ${error.message}`, range: prototype.functionTypeNode.returnType.range };
  }
}

// Replaces what the entry file exports by the functions that carry values across, and says what those are.
export function readSurface(as, program, entry) {
  const file = program.filesByName.get(entry);
  const types = new Types(as);
  const functions = [];
  const kept = new Map();
  for (const [name, element] of exportsOf(file)) {
    if (name.startsWith("munition$") || element.kind !== as.ElementKind.FunctionPrototype) continue;
    const home = element.parent;
    const glue = home.exports && home.exports.get(CALL + element.name);
    if (!glue) {
      const why = element.declaration.typeParameters ? "it is generic" : "it takes rest parameters";
      if (element.declaration.body) functions.push({ name, refused: why, range: element.declaration.name.range });
      continue;
    }
    const found = describe(as, program, types, name, element);
    if (!found) continue;
    functions.push(found);
    if (found.refused) continue;
    found.key = `${CALL}${kept.size}`;
    found.internal = glue.internalName;
    kept.set(found.key, glue);
  }
  file.exports = kept;
  file.exportsStar = null;
  return { functions, classes: types.classes };
}
