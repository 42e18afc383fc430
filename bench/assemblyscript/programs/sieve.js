// SPDX-License-Identifier: MIT
function run(n) {
  const marks = new Uint8Array(n + 1);
  let count = 0;
  for (let i = 2; i <= n; i++) {
    if (marks[i]) continue;
    count++;
    for (let j = i * 2; j <= n; j += i) marks[j] = 1;
  }
  return count;
}
