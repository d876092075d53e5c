import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatTable, type Table } from "../../src/report/table.ts";
import { tableHtml } from "../../src/report/table_html.ts";

const test = suite("table");

const table: Table = {
  caption: "Accuracy",
  columns: [
    { head: "attack", kind: "text" },
    { head: "eps", kind: "number", digits: 2 },
    { head: "right", kind: "percent", bar: true },
    { head: "pictures", kind: "count" },
    { head: "time", kind: "duration" },
  ],
  rows: [
    ["none", null, { value: 1, low: 0.996, high: 1 }, 1000, 0.4],
    ["sign step", 0.1, { value: 0.093, low: 0.08, high: 0.11 }, 12345, 84],
    ["猫", 0.2, 0.5, 1, 1],
    ["noise", 0.3, { value: 0.5, spread: 0.01 }, 1, 1],
  ],
  notes: ["Intervals are 95 %."],
};

test("formatTable() aligns text left, numbers right, intervals among themselves", () => {
  assert.is(
    formatTable(table),
    `Accuracy

attack       eps                  right   pictures         time
───────────────────────────────────────────────────────────────
none           –   100.0 % (99.6–100.0)      1,000       400 ms
sign step   0.10     9.3 % (8.0–11.0)       12,345   1 min 24 s
猫          0.20    50.0 %                       1        1.0 s
noise       0.30    50.0 % ± 1.0                 1        1.0 s

Intervals are 95 %.`,
  );
});

test("formatTable() prints a hostile name as one harmless line", () => {
  const text = formatTable({
    columns: [{ head: "name\n", kind: "text" }],
    rows: [["\u001b[2Jgone\r\nnext"]],
  });
  assert.is(text, "name\n────────────────\n�[2Jgone next".replace(/─+/, "─".repeat(13)));
});

test("formatTable() refuses a row of another length", () => {
  assert.throws(
    () => formatTable({ columns: table.columns, rows: [["none", 1]] }),
    "Cannot format table: row 0 has 2 cells, it must have one for each of the 5 columns",
  );
});

test("tableHtml() names rows and columns, and escapes both", () => {
  const html = tableHtml({
    caption: "<i>",
    columns: [{ head: "<script>", kind: "text" }, { head: "n", kind: "number" }],
    rows: [["<script>alert(1)</script>", 2]],
    notes: ["<u>"],
  });
  assert.ok(html.includes(`<th scope="col">&lt;script&gt;</th>`));
  assert.ok(html.includes(`<th scope="row">&lt;script&gt;alert(1)&lt;/script&gt;</th>`));
  assert.ok(html.includes(`<td class="number">2</td>`));
  assert.ok(html.includes("<caption>&lt;i&gt;</caption>"));
  assert.not(/<(script|i|u)>/.test(html));
});

test("tableHtml() prints the numbers of formatTable(), and shares as bars", () => {
  const html = tableHtml(table);
  for (const text of ["100.0 %", "(99.6–100.0)", "12,345", "1 min 24 s", "± 1.0"]) {
    assert.ok(html.includes(text), text);
  }
  assert.ok(html.includes("--share:9.3%"));
  assert.is(html.match(/data-bar/g)?.length, 4);
});

test.run();
