/**
 * Text from outside (labels, names, device strings) made safe for the place where it goes.
 *
 * @module
 */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for HTML and SVG, between tags and in quoted attributes alike. */
export function escapeHtml(text: string): string {
  return withoutControls(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** Text for one line of a terminal: no line break, and no escape sequence that would paint or move. */
export function escapeTerminal(text: string): string {
  return withoutControls(text.replace(/\s+/g, " "));
}

/** Control characters are not allowed in XML, bidirectional ones reorder what is around them. */
function withoutControls(text: string): string {
  return text.replace(/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, "�");
}
