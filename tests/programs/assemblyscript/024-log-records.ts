import { log } from "munition";
class User { constructor(public name: string, public age: i32) {} }
export function main(): i32 { log.info("plain"); log.warn("with", new Map<string, i32>().set("n", 3)); log.error("object", new User("a", 4)); log.write("no line end"); return 1; }

//caps log
//> main [] => 1
//| no line end
// SPDX-License-Identifier: MIT
