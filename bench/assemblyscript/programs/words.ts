// SPDX-License-Identifier: MIT
export function run(n: i32): f64 {
  const counts = new Map<string, i32>();
  for (let i = 0; i < n; i++) {
    const key = "k" + (i * 7919 % 1000).toString();
    counts.set(key, counts.has(key) ? counts.get(key) + 1 : 1);
  }
  return counts.get("k1") + counts.size;
}
