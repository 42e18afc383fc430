// SPDX-License-Identifier: MIT
// The pricing rule of pricing.lua, in AssemblyScript. Pure: it needs no capability.
//   munition compile pricing.ts && munition fire pricing.wasm process '{"lines": [{"sku": "A", "unit_cents": 250, "quantity": 12}]}'

class Line { sku: string = ""; unit_cents: i64 = 0; quantity: i32 = 0; }
class Customer { tier: string | null = null; }
class Order { lines: Line[] = []; shipping: string | null = null; customer: Customer | null = null; }
class PricedLine { sku: string = ""; gross_cents: i64 = 0; discount_cents: i64 = 0; net_cents: i64 = 0; }
class Priced { lines: PricedLine[] = []; subtotal_cents: i64 = 0; loyalty_cents: i64 = 0; shipping_cents: i64 = 0; total_cents: i64 = 0; }

const FREE_SHIPPING_FROM: i64 = 10000;
const SHIPPING = new Map<string, i64>(); // cents
SHIPPING.set("standard", 490);
SHIPPING.set("express", 1290);
SHIPPING.set("pickup", 0);

function volumeRate(quantity: i32): f64 {
  if (quantity >= 100) return 0.12;
  if (quantity >= 50) return 0.08;
  return quantity >= 10 ? 0.03 : 0.0;
}

function cents(amount: f64): i64 {
  return <i64>Math.floor(amount + 0.5);
}

function priceLine(line: Line): PricedLine {
  if (line.quantity <= 0) throw new Error(`line ${line.sku}: the quantity must be positive`);
  const out = new PricedLine();
  out.sku = line.sku;
  out.gross_cents = line.unit_cents * line.quantity;
  out.discount_cents = cents(<f64>out.gross_cents * volumeRate(line.quantity));
  out.net_cents = out.gross_cents - out.discount_cents;
  return out;
}

export function process(order: Order): Priced {
  const out = new Priced();
  for (const line of order.lines) {
    const priced = priceLine(line);
    out.lines.push(priced);
    out.subtotal_cents += priced.net_cents;
  }
  const customer = order.customer;
  if (customer && customer.tier == "gold") out.loyalty_cents = cents(<f64>out.subtotal_cents * 0.05);
  const goods = out.subtotal_cents - out.loyalty_cents;
  const method = order.shipping ? order.shipping! : "standard";
  if (!SHIPPING.has(method)) throw new Error("unknown shipping method " + method);
  out.shipping_cents = goods >= FREE_SHIPPING_FROM ? 0 : SHIPPING.get(method);
  out.total_cents = goods + out.shipping_cents;
  return out;
}
