/**
 * How the page of a report looks.
 *
 * @module
 */
import { DARK, LIGHT, type Theme } from "./theme.ts";

/** The style sheet of the page. */
export function styleSheet(): string {
  return `:root{${properties(LIGHT)}}
@media screen and (prefers-color-scheme:dark){:root{${properties(DARK)}}}
${RULES}`;
}

function properties({ series: _, ...colours }: Theme): string {
  return Object.entries(colours).map(([name, colour]) => `--${name}:${colour}`).join(";");
}

const RULES = `*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;padding:0 1.5rem 5rem;background:var(--page);color:var(--ink);
  font:1rem/1.6 system-ui,-apple-system,"Segoe UI","Liberation Sans",Arial,sans-serif}
header,.columns{max-width:60rem;margin:0 auto}
header{padding:3.5rem 0 1.5rem}
h1{margin:0;font-size:2.25rem;line-height:1.2;letter-spacing:-.02em;text-wrap:balance}
h2{margin:0 0 1rem;font-size:1.5rem;line-height:1.3;letter-spacing:-.01em;scroll-margin-top:1.5rem}
h3{margin:2rem 0 .5rem;font-size:1.1rem;line-height:1.4}
p,ul{max-width:44rem;margin:0 0 1rem;text-wrap:pretty}
a{color:var(--accent);text-underline-offset:.2em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code,pre{font:.9em/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
.summary{max-width:44rem;margin:.75rem 0 0;font-size:1.15rem;color:var(--muted)}
.facts{display:flex;flex-wrap:wrap;gap:.75rem 2.5rem;margin:1.5rem 0 0;font-size:.9rem}
.facts dt{color:var(--muted)}
.facts dd{margin:0;overflow-wrap:anywhere}
nav{margin:0 0 2.5rem;font-size:.9rem}
nav h2{margin:0 0 .5rem;font-size:.9rem;letter-spacing:0;color:var(--muted);font-weight:600}
nav ol{margin:0;padding:0 0 0 1.4em;columns:18rem;column-gap:2rem}
nav li{padding:.1rem 0;break-inside:avoid}
nav li::marker{color:var(--muted)}
nav a{text-decoration:none}
nav a:hover{text-decoration:underline}
section{margin:0 0 3.5rem}
figure,.scroll:has(>table),.key>div,pre{background:var(--paper);border:1px solid var(--line);border-radius:10px}
figure{margin:1.5rem 0;padding:1rem;break-inside:avoid}
figcaption{max-width:44rem;margin:.25rem 1rem .25rem;font-size:.92rem;color:var(--muted);text-wrap:pretty}
.scroll{overflow-x:auto}
.scroll>svg{max-width:100%;height:auto;vertical-align:top}
img{height:auto;image-rendering:pixelated;vertical-align:top}
.row{display:flex;flex-wrap:wrap;gap:1.25rem;margin:1.5rem 0}
.row>*{flex:1 1 24rem;min-width:0;margin:0}
.scroll:has(>table){margin:1.5rem 0 .5rem}
table{width:100%;border-collapse:collapse;font-size:.93rem;line-height:1.4;font-variant-numeric:tabular-nums}
caption{padding:.9rem 1rem .3rem;text-align:left;font-weight:600;font-size:1rem}
th,td{padding:.5rem 1rem;text-align:left;white-space:nowrap;border-top:1px solid var(--line)}
thead th{border-top:0;font-weight:600;color:var(--muted);vertical-align:bottom}
tbody th{font-weight:500}
tbody tr:hover>*{background-color:color-mix(in srgb,var(--accent) 6%,transparent)}
.number{text-align:right}
.extra{display:inline-block;text-align:left;color:var(--muted);font-size:.93em;white-space:pre}
[data-bar]{background-image:linear-gradient(color-mix(in srgb,var(--accent) 17%,transparent) 0 0);
  background-size:var(--share) 100%;background-origin:content-box;background-repeat:no-repeat;
  print-color-adjust:exact}
.notes{margin:0 0 .25rem;padding:0 1rem;font-size:.88rem;color:var(--muted)}
.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:1rem;margin:1.5rem 0}
.key>div{display:flex;flex-direction:column;padding:1rem 1.15rem;break-inside:avoid}
.key dt{font-size:.88rem;line-height:1.4;color:var(--muted)}
.key dd{margin:0}
.key .value{margin:auto 0 .15rem;padding-top:.15rem;font-size:1.9rem;line-height:1.25;font-weight:600;letter-spacing:-.02em;
  font-variant-numeric:tabular-nums}
.key .remark{font-size:.85rem;line-height:1.4;color:var(--muted)}
.key .right .value{color:var(--right)}
.key .wrong .value{color:var(--wrong)}
.note{padding:.7rem 1.1rem;border-left:4px solid var(--accent);border-radius:4px;
  background:color-mix(in srgb,var(--accent) 8%,var(--paper))}
.note.right{border-color:var(--right);background:color-mix(in srgb,var(--right) 9%,var(--paper))}
.note.wrong{border-color:var(--wrong);background:color-mix(in srgb,var(--wrong) 9%,var(--paper))}
pre{padding:.9rem 1.1rem;overflow-x:auto}
details{margin:.5rem 1rem .25rem;font-size:.92rem}
summary{color:var(--accent);cursor:pointer;width:max-content}
details .scroll:has(>table){margin:.75rem 0 0}
@media (min-width:80rem){
  header,.columns{max-width:76rem}
  .columns{display:grid;grid-template-columns:13rem minmax(0,60rem);gap:3rem;align-items:start}
  nav{position:sticky;top:2rem}
  nav ol{columns:auto}
}
@media (max-width:40rem){
  body{padding:0 1rem 3rem}
  header{padding-top:2rem}
  h1{font-size:1.75rem}
  figure{padding:.75rem}
}
@media print{
  body{padding:0;background:none;font-size:10pt}
  header{padding:0 0 1rem}
  section{margin-bottom:2rem}
  h2,h3{break-after:avoid}
  tr{break-inside:avoid}
  .columns{display:block}
  nav{position:static}
  img{max-width:100%}
  .scroll{overflow:visible}
  summary{display:none}
}`;
