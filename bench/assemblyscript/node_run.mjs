// SPDX-License-Identifier: MIT
// A program in JavaScript on V8: node node_run.mjs FILE N TIMES, milliseconds of each run on its own line.
import { readFileSync } from "node:fs";
const run = new Function(`${readFileSync(process.argv[2], "utf8")}; return run;`)();
for (let i = 0; i < Number(process.argv[4]); i++) {
  const start = process.hrtime.bigint();
  const result = run(Number(process.argv[3]));
  console.log(Number(process.hrtime.bigint() - start) / 1e6, result);
}
