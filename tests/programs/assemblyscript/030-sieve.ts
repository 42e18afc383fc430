export function sieve(n: i32): i32 { const a = new Uint8Array(n + 1); let c = 0; for (let i = 2; i <= n; i++) { if (a[i]) continue; c++; for (let j = i * 2; j <= n; j += i) a[j] = 1; } return c; }

//> sieve [100000] => 9592
// SPDX-License-Identifier: MIT
