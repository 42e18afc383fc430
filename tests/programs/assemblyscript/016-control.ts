export function collatz(n: u32): i32 { let steps = 0; while (n != 1) { n = n % 2 == 0 ? n / 2 : 3 * n + 1; steps++; } return steps; }
export function primes(n: i32): i32[] {
  let out: i32[] = [];
  outer(out, n);
  return out;
}
function outer(out: i32[], n: i32): void { for (let i = 2; i <= n; i++) { let prime = true; for (let j = 2; j * j <= i; j++) if (i % j == 0) { prime = false; break; } if (prime) out.push(i); } }
export function kind(s: string): i32 { switch (s) { case "a": return 1; case "b": case "c": return 2; } return 0; }
export function loop(): i32 { let i = 0; do { i += 3; if (i == 6) continue; } while (i < 10); return i; }

//> collatz [27] => 111
//> primes [20] => [2, 3, 5, 7, 11, 13, 17, 19]
//> kind ["c"] => 2
//> loop [] => 12
// SPDX-License-Identifier: MIT
