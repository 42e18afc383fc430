// SPDX-License-Identifier: MIT
class Body { constructor(x, y, vx, vy, m) { this.x = x; this.y = y; this.vx = vx; this.vy = vy; this.m = m; } }
function run(n) {
  const bodies = [];
  for (let i = 0; i < 5; i++) bodies.push(new Body(i * 1.5, i * 0.5 - 1, 0.1 * i, 0.2 - 0.05 * i, 1.0 / (i + 1)));
  for (let s = 0; s < n; s++) {
    for (let i = 0; i < 5; i++) {
      const a = bodies[i];
      for (let j = i + 1; j < 5; j++) {
        const b = bodies[j];
        const dx = a.x - b.x, dy = a.y - b.y;
        const d = dx * dx + dy * dy + 0.01;
        const f = 0.001 / (d * Math.sqrt(d));
        a.vx -= dx * b.m * f; a.vy -= dy * b.m * f;
        b.vx += dx * a.m * f; b.vy += dy * a.m * f;
      }
    }
    for (let i = 0; i < 5; i++) { const b = bodies[i]; b.x += 0.001 * b.vx; b.y += 0.001 * b.vy; }
  }
  return bodies[0].x;
}
