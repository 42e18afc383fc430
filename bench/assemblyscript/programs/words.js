// SPDX-License-Identifier: MIT
function run(n) {
  const counts = new Map();
  for (let i = 0; i < n; i++) {
    const key = "k" + (i * 7919 % 1000).toString();
    counts.set(key, counts.has(key) ? counts.get(key) + 1 : 1);
  }
  return counts.get("k1") + counts.size;
}
