/**
 * A report as one HTML page: it loads nothing, runs no script, follows the light or dark setting and
 * prints.
 *
 * @module
 */
import { escapeHtml } from "./escape.ts";
import { blockHtml } from "./html_blocks.ts";
import type { Fact, Report, Section } from "./report.ts";
import { styleSheet } from "./style.ts";

/** Even if hostile text got past the escaping, the browser would load and run nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; " +
  "base-uri 'none'; form-action 'none'";

/** The page, as the text of an HTML file. */
export function renderReport(report: Report): string {
  const { title, summary, facts, sections } = report;
  const anchors = sections.map(({ heading }, index) => anchor(heading, index));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(title)}</title>
<style>
${styleSheet()}
</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
${summary === undefined ? "" : `<p class="summary">${escapeHtml(summary)}</p>`}
<dl class="facts">${facts.map(factHtml).join("")}</dl>
</header>
<div class="columns">
<nav aria-label="Contents">
<h2>Contents</h2>
<ol>
${sections.map(({ heading }, index) => entryHtml(heading, anchors[index] ?? "")).join("\n")}
</ol>
</nav>
<main>
${sections.map((section, index) => sectionHtml(section, anchors[index] ?? "")).join("\n")}
</main>
</div>
</body>
</html>
`;
}

function factHtml({ name, value, code }: Fact): string {
  const text = escapeHtml(value);
  return `<div><dt>${escapeHtml(name)}</dt><dd>${
    code === true ? `<code>${text}</code>` : text
  }</dd></div>`;
}

function entryHtml(heading: string, id: string): string {
  return `<li><a href="#${id}">${escapeHtml(heading)}</a></li>`;
}

function sectionHtml({ heading, blocks }: Section, id: string): string {
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${escapeHtml(heading)}</h2>
${blocks.map(blockHtml).join("\n")}
</section>`;
}

/** A name for links, which stays distinct when two headings are alike. */
function anchor(heading: string, index: number): string {
  const words = heading.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return `section-${index + 1}${words === "" ? "" : `-${words}`}`;
}
