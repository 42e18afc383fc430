// SPDX-License-Identifier: MIT
// The n queens problem of queens.lua: backtracking over bit sets. Pure: it needs no capability.
//   munition compile queens.ts && munition fire queens.wasm solve 10

class Found { count: i32 = 0; first: string = ""; }

function place(n: i32, row: i32, columns: i32, left: i32, right: i32, board: i32[], found: Found): void {
  if (row == n) {
    if (++found.count == 1) found.first = board.join(" ");
    return;
  }
  let free = ~(columns | left | right) & ((1 << n) - 1);
  while (free) {
    const bit = free & -free;
    free ^= bit;
    board[row] = ctz(bit) + 1;
    place(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1, board, found);
  }
}

export function solve(n: i32): Found {
  if (n < 1 || n > 16) throw new Error("n must be a whole number from 1 to 16");
  const found = new Found();
  place(n, 0, 0, 0, 0, new Array<i32>(n), found);
  return found;
}
