import { random } from "munition";
export function dice(n: i32): bool { for (let i = 0; i < n; i++) { const x = random.integer(-3, 6); if (x < -3 || x > 6) return false; const f = random.float(); if (f < 0 || f >= 1) return false; const m = Math.random(); if (m < 0 || m >= 1) return false; } return true; }
export function bytes(): i32 { const a = new Uint8Array(40); crypto.getRandomValues(a); let n = 0; for (const b of a) if (b) n++; return n > 10 ? random.bytes(3).length : 0; }

//caps random
//> dice [500] => true
//> bytes [] => 3
// SPDX-License-Identifier: MIT
