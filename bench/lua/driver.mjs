// SPDX-License-Identifier: MIT
// Runs a program with its arguments under wasmoon, twice: the first run is for the engine's compiler.
import { createRequire } from "node:module"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const [folder, program, ...rest] = process.argv.slice(2)
const { LuaFactory } = createRequire(join(folder, "package.json"))("wasmoon")
const text = readFileSync(program, "utf8")
let taken, result
for (let turn = 0; turn < 2; turn++) {
  const lua = await new LuaFactory().createEngine()
  lua.global.set("program", text)
  await lua.doString("chunk = assert(load(program))")
  const before = process.cpuUsage()
  result = await lua.doString(`return chunk(${rest.join(", ")})`)
  const after = process.cpuUsage(before)
  taken = (after.user + after.system) / 1e6
  lua.global.close()
}
console.log(`${taken}\n${result}`)
