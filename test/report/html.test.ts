import { suite } from "uvu";
import * as assert from "uvu/assert";
import { renderReport } from "../../src/report/html.ts";
import { heatTable } from "../../src/report/plot/heat_table.ts";
import type { Block, Report } from "../../src/report/report.ts";

const test = suite("report page");

const evil = `"><script>alert(1)</script><img src=x onerror='alert(1)'>`;

/** The first bytes of a PNG file that is 3 wide and 2 high: all that the page reads of it. */
const png = Uint8Array.from(
  [
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 3, 0, 0, 0, 2],
  ].flat(),
);

const blocks: readonly Block[] = [
  { kind: "paragraph", text: `${evil} https://example.org/a` },
  { kind: "heading", text: evil },
  { kind: "list", items: [evil, "two"] },
  { kind: "note", text: evil, tone: "wrong" },
  { kind: "code", text: evil },
  { kind: "table", table: { columns: [{ head: evil, kind: "text" }], rows: [[evil]] } },
  {
    kind: "figure",
    svg: heatTable({
      title: evil,
      rowTitle: evil,
      columnTitle: evil,
      rows: [evil],
      columns: [evil],
      values: [[1]],
    }),
    caption: evil,
    data: { columns: [{ head: "n", kind: "number" }], rows: [[1]] },
  },
  { kind: "picture", png, darkPng: png, alt: evil, caption: evil },
  { kind: "keyFigures", figures: [{ label: evil, value: evil, note: evil, tone: "right" }] },
  { kind: "row", blocks: [{ kind: "paragraph", text: evil }] },
];

const report: Report = {
  title: evil,
  summary: evil,
  facts: [{ name: evil, value: evil, code: true }],
  sections: [{ heading: evil, blocks }, { heading: "Same", blocks: [] }, {
    heading: "Same",
    blocks: [],
  }],
};

const html = renderReport(report);

test("renderReport() escapes everything that is text", () => {
  assert.not(html.includes("<script"));
  assert.not(/<img(?! src="data:image\/png;base64,)/.test(html));
  assert.not(/<[^>]*\sonerror=/.test(html.replace(/"[^"]*"/g, `""`)));
  assert.ok(html.includes("&lt;script&gt;alert(1)&lt;/script&gt;"));
});

test("renderReport() loads nothing from anywhere, and forbids it", () => {
  const addresses = html.match(/[a-z]+="[^"]*:\/\/[^"]*"/g) ?? [];
  assert.equal([...new Set(addresses)], [`xmlns="http://www.w3.org/2000/svg"`]);
  assert.not(/@import|url\(|<link|<iframe|<object/.test(html));
  for (const [, source] of html.matchAll(/(?:src|srcset|href)="([^"]*)"/g)) {
    assert.match(source!, /^(data:image\/png;base64,|#)/);
  }
  assert.ok(html.includes("default-src 'none'"));
});

test("renderReport() links the contents to the sections, each by its own name", () => {
  const links = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id!);
  const ids = [...html.matchAll(/<h2 id="([^"]*)"/g)].map(([, id]) => id!);
  assert.is(ids.length, 3);
  assert.is(new Set(ids).size, 3);
  assert.equal(links, ids);
});

test("renderReport() inlines pictures at their size, with their words", () => {
  assert.ok(html.includes(`width="3" height="2" alt="&quot;&gt;&lt;script&gt;`));
  assert.ok(
    html.includes(`media="screen and (prefers-color-scheme: dark)" srcset="data:image/png`),
  );
  const [, data] = html.match(/src="data:image\/png;base64,([^"]*)"/)!;
  assert.equal(Uint8Array.from(atob(data!), (it) => it.charCodeAt(0)), png);
});

test("renderReport() is written for readers of all kinds", () => {
  for (
    const part of [
      `<html lang="en">`,
      "<main>",
      `<nav aria-label="Contents">`,
      `scope="row"`,
      `scope="col"`,
      `role="img"`,
      "<figcaption>",
      "@media print",
      "prefers-color-scheme:dark",
      "<details><summary>",
    ]
  ) assert.ok(html.includes(part), part);
});

test("renderReport() refuses bytes that are no PNG", () => {
  const picture: Block = { kind: "picture", png: new Uint8Array(30), alt: "", caption: "" };
  assert.throws(
    () => renderReport({ ...report, sections: [{ heading: "a", blocks: [picture] }] }),
    /Cannot put picture into the report: it begins with \[0,.*it must be a PNG file/,
  );
});

test.run();
