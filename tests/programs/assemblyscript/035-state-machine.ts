enum State { New, Paid, Shipped, Done, Cancelled }
class Machine { state: State = State.New; log: string[] = [];
  step(event: string): bool { const before = this.state;
    switch (this.state) {
      case State.New: if (event == "pay") this.state = State.Paid; else if (event == "cancel") this.state = State.Cancelled; break;
      case State.Paid: if (event == "ship") this.state = State.Shipped; break;
      case State.Shipped: if (event == "deliver") this.state = State.Done; break; }
    if (before == this.state) this.log.push("ignored " + event);
    return before != this.state; } }
export function run(events: string[]): Machine { const m = new Machine(); for (const e of events) m.step(e); return m; }

//> run [["pay", "cancel", "ship"]] => {"state": 2, "log": ["ignored cancel"]}
// SPDX-License-Identifier: MIT
