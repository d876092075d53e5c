import { suite } from "uvu";
import * as assert from "uvu/assert";
import { escapeHtml, escapeTerminal } from "../../src/report/escape.ts";
import {
  formatCount,
  formatDuration,
  formatEstimate,
  formatNumber,
  formatPercent,
  formatSpread,
} from "../../src/report/format.ts";

const test = suite("format");

test("formatPercent() rounds, and never to all or nothing", () => {
  assert.is(formatPercent(0.9314), "93.1 %");
  assert.is(formatPercent(0.9314, 0), "93 %");
  assert.is(formatPercent(1), "100.0 %");
  assert.is(formatPercent(0), "0.0 %");
  assert.is(formatPercent(0.99996), ">99.9 %");
  assert.is(formatPercent(0.0004), "<0.1 %");
  assert.is(formatPercent(0.996, 0), ">99 %");
  assert.is(formatPercent(NaN), "NaN");
});

test("formatNumber() keeps four digits, or the decimals asked for", () => {
  assert.is(formatNumber(0.30000000000000004), "0.3");
  assert.is(formatNumber(1234.567), "1235");
  assert.is(formatNumber(2, 3), "2.000");
  assert.is(formatNumber(-Infinity), "-∞");
  assert.is(formatNumber(NaN, 2), "NaN");
});

test("formatCount(), formatDuration(), formatEstimate(), formatSpread() write units and intervals", () => {
  assert.is(formatCount(1234567), "1,234,567");
  assert.is(formatDuration(0.0852), "85.2 ms");
  assert.is(formatDuration(4.21), "4.2 s");
  assert.is(formatDuration(59.97), "1 min 0 s");
  assert.is(formatDuration(84), "1 min 24 s");
  assert.is(formatEstimate({ value: 0.931, low: 0.9, high: 0.95 }), "93.1 % (90.0–95.0)");
  assert.is(formatSpread({ value: 0.931, spread: 0.004 }), "93.1 % ± 0.4");
});

test("escapeHtml() leaves no mark-up and no control character", () => {
  assert.is(escapeHtml(`<b a="1" c='2'>&`), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
  assert.is(escapeHtml("a\u0000b\u001bc\u202ed"), "a�b�c�d");
  assert.is(escapeHtml("two\nlines"), "two\nlines");
});

test("escapeTerminal() leaves one line without escape sequences", () => {
  assert.is(escapeTerminal("a\n\tb \u001b[31mred"), "a b �[31mred");
});

test.run();
