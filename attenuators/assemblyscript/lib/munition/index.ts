// SPDX-License-Identifier: MIT
// What a script imports from "munition". What it does not use costs nothing and imports nothing.

export { format } from "./format";
export { JSON } from "./json";
export { log } from "./log";
export { time } from "./time";
export { random } from "./random";
export { fs } from "./fs";
export { http, Response } from "./http";
