export function munition$run(): void {}

//! A102 1:17 rename it
// SPDX-License-Identifier: MIT
