// SPDX-License-Identifier: MIT
// The worker on node: one JSON object a line on standard input, one on standard output.
// Started as: node node.mjs COMPILER_FOLDER, with nothing in the environment.

import { createInterface } from "node:readline";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createCompile } from "./pipeline.mjs";

const folder = process.argv[2];
const load = (...parts) => import(pathToFileURL(join(folder, ...parts)).href);
const as = await load("assemblyscript", "dist", "assemblyscript.js");
const { default: binaryen } = await load("binaryen", "index.js");
const { libraryFiles, version } = await load("assemblyscript", "dist", "asc.js");

const say = (object) => process.stdout.write(JSON.stringify(object) + "\n");
// What the compiler prints for people would be taken for answers.
let said = "";
console.log = console.info = console.warn = console.error = (...words) => { said += words.join(" ").slice(0, 2000); };

const compile = createCompile(as, binaryen, libraryFiles);
say({ ready: true, version });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  said = "";
  let answer;
  try {
    answer = compile(request);
    if (answer.binary) answer.binary = Buffer.from(answer.binary).toString("base64");
  } catch (error) {
    answer = { crash: String((error && error.stack) || error).slice(0, 4000), said: said.slice(0, 4000) };
  }
  say({ id: request.id, ...answer });
}
