export function count(words: string[]): Map<string, i32> {
  const out = new Map<string, i32>();
  for (const w of words) out.set(w, out.has(w) ? out.get(w) + 1 : 1);
  return out;
}
export function swap(m: Map<string, i32>): Map<i32, string> {
  const out = new Map<i32, string>();
  for (const [k, v] of m) out.set(v, k);
  return out;
}
export function deep(m: Map<string, Map<string, f64[]>>): f64 { return m.get("a").get("b")[1]; }
export function drop(m: Map<u8, bool>): Map<u8, bool> { m.delete(1); return m; }

//> count [["a", "b", "a"]] => {"a": 2, "b": 1}
//> swap [{"x": 1, "y": 2}] => {"$map": [[1, "x"], [2, "y"]]}
//> deep [{"a": {"b": [1, 2.5]}}] => 2.5
//> drop [{"$map": [[1, true], [2, false]]}] => {"$map": [[2, false]]}
//> count [[]] => {}
// SPDX-License-Identifier: MIT
