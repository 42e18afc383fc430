function hidden(): i32 { return 1; }
function shown(): i32 { return hidden() + 1; }
export { shown as outer };
export function memory(): string { return "mine"; }
export default function start(): i32 { return 5; }
export function _start(): i32 { return 6; }
export function __new(a: i32): i32 { return a; }
export function __collect(): i32 { return 8; }
export const LIMIT = 5;

//> outer [] => 2
//> memory [] => "mine"
//> default [] => 5
//> _start [] => 6
//> __new [7] => 7
//> __collect [] => 8
//> hidden [] ? the module has no function 'hidden'
//> LIMIT [] ? the module has no function 'LIMIT'
// SPDX-License-Identifier: MIT
