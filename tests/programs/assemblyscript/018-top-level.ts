let counter = 10;
const table: i32[] = [];
for (let i = 0; i < 3; i++) table.push(i * counter);
export function next(): i32 { return ++counter; }
export function all(): i32[] { return table; }

//> next [] => 11
//> next [] => 11
//> all [] => [0, 10, 20]
// SPDX-License-Identifier: MIT
