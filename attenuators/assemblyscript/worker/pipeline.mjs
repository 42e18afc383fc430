// SPDX-License-Identifier: MIT
// One compilation: the compiler's own stages, driven one by one, on files that are all in memory.

import { hidePairs, rewrite } from "./rewrite.mjs";
import { addSurface, readSurface } from "./surface.mjs";

const STACK = 1 << 17; // bytes of the shadow stack in linear memory
const RT = "~lib/munition_rt";
const MAX_DIAGNOSTICS = 200;

function optionsFor(as, request) {
  const options = as.newOptions();
  as.setTarget(options, 0);
  as.setRuntime(options, 2);
  as.setDebugInfo(options, true);
  as.setSourceMap(options, request.lines);
  as.setExportMemory(options, true);
  as.setExportStart(options, "munition$start");
  as.setStackSize(options, STACK);
  as.setBundleVersion(options, 0, 28, 20);
  as.setOptimizeLevelHints(options, request.level, 0);
  // What the engine's preset for our own modules does not take.
  as.setFeature(options, as.FEATURE_REFERENCE_TYPES, false);
  as.addGlobalAlias(options, "abort", `${RT}/munition$abort`);
  for (const alias of ["trace", "seed"]) as.addGlobalAlias(options, alias, `~lib/munition_host/munition$${alias}`);
  return options;
}

function position(range) {
  return range && range.source ? { file: range.source.normalizedPath, start: range.start, end: range.end } : null;
}

function takeDiagnostics(as, program, out) {
  let failed = false;
  for (let d = as.nextDiagnostic(program); d; d = as.nextDiagnostic(program)) {
    if (as.isError(d)) failed = true;
    if (out.length >= MAX_DIAGNOSTICS) continue;
    const place = position(d.range);
    out.push({ code: d.code, category: d.category, message: d.message, ...place, related: position(d.relatedRange) });
  }
  return failed;
}

function parseAll(as, program, library, request) {
  for (const name of Object.keys(library)) {
    if (!name.includes("/")) as.parse(program, library[name], `~lib/${name}.ts`, false);
  }
  as.parse(program, library["rt/index-incremental"], "~lib/rt/index-incremental.ts", true);
  as.parse(program, request.files[request.entry], request.entry, true);
  parseBacklog(as, program, library, request);
}

function parseBacklog(as, program, library, request) {
  for (let path = as.nextFile(program); path !== null; path = as.nextFile(program)) {
    const [text, name] = findFile(path, library, request.files);
    as.parse(program, text, name, false);
  }
}

function findFile(path, library, files) {
  const inside = path.startsWith("~lib/");
  const from = inside ? library : files;
  const stem = inside ? path.slice(5) : path;
  for (const candidate of [stem, `${stem}/index`]) {
    const key = inside ? candidate : `${candidate}.ts`;
    if (Object.hasOwn(from, key)) return [from[key], inside ? `~lib/${candidate}.ts` : key];
  }
  return [null, `${path}.ts`];
}

// Exports the entries of the guest ABI and nothing else.
function exportEntries(binaryen, module, surface) {
  const { i32 } = binaryen;
  for (const f of surface.functions) {
    if (f.refused) continue;
    module.removeExport(f.key);
    addEntry(binaryen, module, f.export, f.internal);
  }
  module.removeExport("munition$start");
  addEntry(binaryen, module, "munition:run", `${RT}/munition$run`);
  module.addFunctionExport(`${RT}/munition$input`, "munition:input");
  for (const name of ["munition$input", "munition$run"]) module.removeExport(name);
  const fault = `${RT}/munition$fault`;
  if (module.getGlobal(fault)) {
    module.addFunction("munition:fault", binaryen.none, i32, [], module.global.get(fault, i32));
    module.addFunctionExport("munition:fault", "munition:fault");
  }
}

function addEntry(binaryen, module, name, internal) {
  const { i32, i64 } = binaryen;
  const call = module.call(internal, [module.local.get(0, i32), module.local.get(1, i32)], i64);
  const body = module.block(null, [module.call("~start", [], binaryen.none), call], i64);
  module.addFunction(`munition:entry ${name}`, binaryen.createType([i32, i32]), i64, [], body);
  module.addFunctionExport(`munition:entry ${name}`, name);
}

// Where the imports of the module are declared, for messages.
function importPlaces(as, binaryen, program, module) {
  const out = [];
  for (const element of program.instancesByName.values()) {
    if (!element.declaration) continue;
    const function_ = module.getFunction(element.internalName);
    const global = function_ ? 0 : module.getGlobal(element.internalName);
    if (!function_ && !global) continue;
    const info = function_ ? binaryen.getFunctionInfo(function_) : binaryen.getGlobalInfo(global);
    if (info.module) out.push({ module: info.module, name: info.base, ...position(element.declaration.name.range) });
  }
  return out;
}

export function createCompile(as, binaryen, libraryFiles) {
  const pristine = Object.freeze({ ...libraryFiles });

  // Returns what was found; throws when the compiler itself fails, after which the process is not used again.
  return function compile(request) {
    const library = Object.assign(Object.create(null), pristine, request.library);
    for (const [name, from, to] of request.patches) {
      if (!library[name].includes(from)) throw new Error(`the compiler's library ${name} is not the one that is known`);
      library[name] = library[name].replaceAll(from, to);
    }
    const pairs = new Map();
    for (const name of Object.keys(request.files)) {
      const hidden = hidePairs(request.files[name]);
      request.files[name] = hidden.text;
      pairs.set(name, hidden.pairs);
    }
    const diagnostics = [];
    const program = as.newProgram(optionsFor(as, request));
    const isScript = (source) => Object.hasOwn(request.files, source.normalizedPath);
    const started = Date.now();
    const stats = {};
    const mark = (name) => { stats[name] = Date.now() - started; };

    parseAll(as, program, library, request);
    mark("parse");
    if (takeDiagnostics(as, program, diagnostics)) return { diagnostics };
    const sources = program.parser.sources.filter(isScript);
    addSurface(as, program.parser, sources, rewrite(as, sources, pairs));
    parseBacklog(as, program, library, request);
    if (takeDiagnostics(as, program, diagnostics)) return { diagnostics };
    as.initializeProgram(program);
    mark("initialize");
    if (takeDiagnostics(as, program, diagnostics)) return { diagnostics };
    const surface = readSurface(as, program, request.entry.slice(0, -3));
    for (const f of surface.functions) {
      f.export = request.reserved.includes(f.name) ? `munition:reserved:${f.name}` : f.name;
      if (f.range) f.range = position(f.range);
    }
    const ours = program.filesByName.get("~lib/munition_rt");
    const entry = program.filesByName.get(request.entry.slice(0, -3));
    for (const name of ["munition$input", "munition$run"]) entry.exports.set(name, ours.exports.get(name));
    const module = as.compile(program);
    mark("compile");
    const wrapped = binaryen.wrapModule(module.ref);
    try {
      if (takeDiagnostics(as, program, diagnostics)) return { diagnostics };
      exportEntries(binaryen, wrapped, surface);
      if (!as.validate(module)) throw new Error("the compiler made an invalid module");
      as.optimize(module, request.level, 0, true, false);
      mark("optimize");
      const emitted = wrapped.emitBinary(request.lines ? "x" : null);
      mark("emit");
      const map = request.lines ? emitted.sourceMap : null;
      return { diagnostics, surface, binary: emitted.binary, map, places: importPlaces(as, binaryen, program, wrapped), stats };
    } finally {
      wrapped.dispose();
    }
  };
}
