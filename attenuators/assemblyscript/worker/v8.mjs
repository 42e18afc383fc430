// SPDX-License-Identifier: MIT
// What the compiler expects of its surroundings and a bare V8 does not have. Run as a plain script, before the compiler.

globalThis.window = globalThis.self = globalThis;
globalThis.location = { href: "file:///" };
globalThis.performance = { now: () => Date.now() };
globalThis.said = "";
const say = (...words) => { globalThis.said += words.join(" ").slice(0, 2000); };
globalThis.console = { log: say, info: say, warn: say, error: say, debug: say };
globalThis.atob = (text) => {
  const bytes = Uint8Array.fromBase64(text);
  let out = "";
  for (let i = 0; i < bytes.length; i += 8192) out += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return out;
};
// Only for what the compiler carries in itself.
globalThis.fetch = async (url) => {
  const data = /^data:[^,]*;base64,/.exec(url);
  if (!data) throw new Error("there is no network here");
  return { ok: true, arrayBuffer: async () => Uint8Array.fromBase64(url.slice(data[0].length)).buffer };
};
WebAssembly.instantiateStreaming = async (response, imports) =>
  WebAssembly.instantiate(await (await response).arrayBuffer(), imports);

globalThis.answerLine = (line) => {
  const request = JSON.parse(line);
  globalThis.said = "";
  let answer;
  try {
    answer = globalThis.compileRequest(request);
    if (answer.binary) answer.binary = answer.binary.toBase64();
  } catch (error) {
    const crash = String((error && error.stack) || error).slice(0, 4000);
    answer = { crash, said: globalThis.said.slice(0, 4000) };
  }
  return JSON.stringify({ id: request.id, ...answer });
};
