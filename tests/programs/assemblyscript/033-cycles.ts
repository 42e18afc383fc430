export class Ring { next: Ring | null = null; n: i32 = 0; }
export function ring(): Ring { const r = new Ring(); r.next = r; return r; }
export function deep(n: i32): Ring { let r = new Ring(); for (let i = 1; i < n; i++) { const s = new Ring(); s.next = r; r = s; } return r; }

//> ring [] ! the result is nested deeper than 100 levels, or a cycle
//> deep [101] ! the result is nested deeper than 100 levels, or a cycle
//> deep [1] => {"next": null, "n": 0}
// SPDX-License-Identifier: MIT
