export function main(): void {
  console.log("text");
  console.log(1, 2.5, true, "x", null as string | null);
  console.log([1, 2], ["a"], new Map<string, i32>().set("k", 1));
  console.log();
  console.log(<f64>42, -0.5, 1e21, 0.1);
  console.error("never seen here");
}

//caps log
//> main [] => nothing
//| text
//| 1 2.5 true x null
//| [ 1, 2 ] [ 'a' ] Map(1) { 'k' => 1 }
//| 
//| 42 -0.5 1e+21 0.1
// SPDX-License-Identifier: MIT
