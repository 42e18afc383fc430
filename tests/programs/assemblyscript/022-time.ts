import { time } from "munition";
export function later(): bool { const a = time.monotonicNanoseconds(); return time.monotonicNanoseconds() >= a && Date.now() > 1600000000000 && performance.now() >= 0; }
export function written(ms: i64): string { return new Date(ms).toISOString(); }

//caps time
//> later [] => true
//> written [0] => "1970-01-01T00:00:00.000Z"
// SPDX-License-Identifier: MIT
