import { suite } from "uvu";
import * as assert from "uvu/assert";
import { heatTable } from "../../src/report/plot/heat_table.ts";
import { countBins, histogram } from "../../src/report/plot/histogram.ts";
import { type LineChart, lineChart } from "../../src/report/plot/line_chart.ts";
import { seriesStroke, spread } from "../../src/report/plot/series.ts";
import { contrast, DARK, LIGHT } from "../../src/report/theme.ts";

const test = suite("plot");

const chart: LineChart = {
  title: "Accuracy <b>",
  x: { label: "eps (0 to 1)" },
  y: { label: "accuracy", format: "percent" },
  series: ["plain", "<script>alert(1)</script>", "hardened & tested"].map((name, at) => ({
    name,
    points: [0, 0.1, 0.2].map((x) => ({ x, y: 0.9 - x * at, low: 0.8 - x * at, high: 1 - x * at })),
  })),
};

/** Mark-up that opens and closes every element in turn, and nothing else. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, slash, name, attributes = ""] of svg.matchAll(/<(\/?)([a-z]+)([^<>]*)>/g)) {
    assert.match(attributes, /^( [a-z-]+[A-Za-z0-9]*="[^"]*")*$/);
    if (slash === "") open.push(name!);
    else assert.is(open.pop(), name);
  }
  assert.equal(open, []);
  assert.not(/NaN|undefined|Infinity/.test(svg));
}

test("lineChart() draws and names every series, at its end or in a legend", () => {
  for (const names of ["direct", "legend"] as const) {
    const svg = lineChart({ ...chart, names });
    assertWellFormed(svg);
    for (
      const name of ["plain", "&lt;script&gt;alert(1)&lt;/script&gt;", "hardened &amp; tested"]
    ) {
      assert.ok(svg.includes(`>${name}</text>`), name);
    }
    for (const style of [0, 1, 2]) {
      assert.ok(svg.includes(`class="tg-${style}" stroke="currentColor" stroke-width="2.25"`));
    }
    assert.ok(svg.includes("accuracy") && svg.includes("eps (0 to 1)") && svg.includes("100 %"));
    assert.not(/<script|<b>/.test(svg));
  }
});

test("lineChart() keeps the bars of series apart where they share a place", () => {
  const places = (series: LineChart["series"]) =>
    [...lineChart({ ...chart, series }).matchAll(/translate\(([\d.]+),/g)].map(([, x]) => x);
  assert.is(new Set(places(chart.series)).size, 9);
  const plain = chart.series.map(({ name, points }) => {
    return { name, points: points.map(({ x, y }) => ({ x, y })) };
  });
  assert.is(new Set(places(plain)).size, 3);
});

test("lineChart() says on each marker what it stands for", () => {
  assert.ok(lineChart(chart).includes("<title>plain at 0.1: 90 % (80 % to 100 %)</title>"));
});

test("lineChart() takes gaps, bands, references, logarithms and nothing at all", () => {
  const points = Array.from({ length: 100 }, (_, at) => {
    return { x: at + 1, y: at === 50 ? NaN : 1 / (at + 1), low: 0.5 / (at + 1), high: 2 };
  });
  const long = lineChart({
    title: "Training",
    x: { label: "step", scale: "log" },
    y: { label: "loss (nats)", scale: "log" },
    series: [{ name: "plain", points }],
    references: [{ axis: "y", value: 0.1, label: "aim" }, { axis: "x", value: 10, label: "warm" }],
  });
  assertWellFormed(long);
  assert.ok(long.includes(`fill-opacity="0.16"`));
  assert.ok(long.includes(">aim</text>") && long.includes(">warm</text>"));
  assert.is(long.match(/<path d="M[^"]*M[^"]*" class="tg-0"/g)?.length, 1);
  assertWellFormed(lineChart({ ...chart, series: [] }));
  assertWellFormed(lineChart({ ...chart, series: [{ name: "one", points: [{ x: 1, y: 1 }] }] }));
});

test("lineChart() refuses a logarithmic axis through zero", () => {
  const x = { label: "eps", scale: "log" } as const;
  assert.throws(
    () => lineChart({ ...chart, x }),
    `Cannot draw axis "eps": it is logarithmic and ends at 0 and 0.2, both must be positive`,
  );
});

test("series differ in more than colour, and go on differing when colours repeat", () => {
  const strokes = Array.from({ length: 12 }, (_, style) => {
    const { class: colour, "stroke-dasharray": dash } = seriesStroke(style);
    return `${colour} ${dash}`;
  });
  assert.is(new Set(strokes).size, 12);
  const dashes = strokes.slice(0, 6).map((it) => it.replace(/^\S+ /, ""));
  assert.is(new Set(dashes).size, 6);
});

test("every colour of text and series stands out from its paper", () => {
  for (const { paper, page, ink, muted, right, wrong, accent, series } of [LIGHT, DARK]) {
    for (const colour of [ink, muted, right, wrong, accent, ...series]) {
      assert.ok(contrast(colour, paper) >= 4.5, `${colour} on ${paper}`);
    }
    for (const colour of [ink, muted, accent]) {
      assert.ok(contrast(colour, page) >= 4.5, `${colour} on ${page}`);
    }
  }
  assert.is(Math.round(contrast("#000000", "#ffffff")), 21);
});

test("spread() moves labels apart, within their room", () => {
  assert.equal(spread([10, 12, 100], [0, 100], 20), [10, 30, 100]);
  assert.equal(spread([95, 98, 99], [0, 100], 20), [60, 80, 100]);
});

test("countBins() counts every value once, edges to the right", () => {
  assert.equal(countBins([0, 0.24, 0.25, 0.5, 0.99, 1], [0, 0.25, 0.5, 0.75, 1]), [2, 1, 1, 2]);
  const tenths = Array.from({ length: 11 }, (_, at) => at / 10);
  assert.equal(countBins(tenths, tenths), [1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
  assert.throws(() => countBins([2], [0, 1]), "Cannot count 2: it lies outside of the bins");
  assert.throws(() => countBins([NaN], [0, 1]), "Cannot count NaN");
});

test("histogram() draws and names every sample", () => {
  const svg = histogram({
    title: "Certainty",
    x: { label: "certainty", format: "percent", domain: [0, 1] },
    unit: "digits",
    samples: [{ name: "before", values: [0.9, 1] }, { name: "after <i>", values: [0.2, 0.3, 0.4] }],
  });
  assertWellFormed(svg);
  assert.ok(svg.includes(">before</text>") && svg.includes(">after &lt;i&gt;</text>"));
});

test("heatTable() prints every number, heads and what a cell stands for", () => {
  const svg = heatTable({
    title: "Clean",
    rowTitle: "true digit",
    columnTitle: "named digit",
    rows: ["cat", "<dog>"],
    columns: ["cat", "<dog>"],
    values: [[1000, 0], [3, 17]],
    diagonal: true,
  });
  assertWellFormed(svg);
  for (const text of ["1,000", "0", "3", "17", "cat", "&lt;dog&gt;"]) {
    assert.ok(svg.includes(`>${text}</text>`), text);
  }
  assert.ok(svg.includes("<title>true digit &lt;dog&gt;, named digit cat: 3</title>"));
  assert.ok(svg.includes(LIGHT.right) && svg.includes(LIGHT.wrong));
});

test("heatTable() refuses rows of unlike length", () => {
  const names = { title: "t", rowTitle: "r", columnTitle: "c", rows: ["a", "b"], columns: ["c"] };
  assert.throws(
    () => heatTable({ ...names, values: [[1], []] }),
    `Cannot draw table "t": its rows hold [1, 0] numbers, there must be 2 rows of 1`,
  );
});

test.run();
