// SPDX-License-Identifier: MIT
// The state machine of order_states.lua. There is no try here: a refused event is a value.
//   munition compile order_states.ts && munition fire order_states.wasm process '["pay", "pay", "pack", "ship", "deliver"]'

class Outcome { state: string = "new"; history: string[] = ["new"]; stopped_at: i32 = 0; reason: string | null = null; }

const RULES = new Map<string, string>(); // state and event -> the next state
RULES.set("new pay", "new");
RULES.set("new pack", "packed");
RULES.set("new cancel", "cancelled");
RULES.set("packed ship", "shipped");
RULES.set("packed cancel", "cancelled");
RULES.set("shipped deliver", "delivered");
RULES.set("shipped lose", "lost");
RULES.set("lost refund", "cancelled");

export function process(events: string[]): Outcome {
  const out = new Outcome();
  let paid = 0;
  let number = 0;
  for (const event of events) {
    number++;
    const rule = `${out.state} ${event}`;
    if (!RULES.has(rule)) out.reason = `"${event}" is not possible while the order is "${out.state}"`;
    else if (rule == "new pack" && paid < 100) out.reason = `"pack" was refused: 100 must be paid first`;
    if (out.reason) {
      out.stopped_at = number;
      return out;
    }
    if (event == "pay") paid += 50;
    out.state = RULES.get(rule);
    out.history.push(out.state);
  }
  return out;
}
