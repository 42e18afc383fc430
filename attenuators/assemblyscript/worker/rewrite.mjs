// SPDX-License-Identifier: MIT
// Rewrites of syntax trees.
