// SPDX-License-Identifier: MIT
// The compiler's own interface, asc.main, in a process that stays: what compiling through munition is measured against.
import { createInterface } from "node:readline";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const asc = await import(pathToFileURL(join(process.argv[2], "assemblyscript", "dist", "asc.js")).href);
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const text = JSON.parse(line);
  let size = 0;
  const { error } = await asc.main(["script.ts", "-o", "out.wasm", "-O3", "--debug", "--runtime", "incremental"], {
    stdout: asc.createMemoryStream(), stderr: asc.createMemoryStream(),
    readFile: (name) => (name === "script.ts" ? text : null),
    writeFile: (_, data) => { size = data.length; }, listFiles: () => [], reportDiagnostic: () => {},
  });
  process.stdout.write(`${error ? -1 : size}\n`);
}
