// SPDX-License-Identifier: MIT
export namespace process {
  export const argv: string[] = [];
  export function exit(code: i32): void { ERROR("process.exit is not available; return a value, or throw"); }
}
