/**
 * Elements of the page. Text is text: nothing that comes from a file or a driver becomes markup.
 *
 * @module
 */

/** An element with attributes, and with texts or elements in it. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>>,
  content: readonly (string | Node)[] = [],
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

/** The element of the page with this id. */
export function find<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new TypeError(`Cannot find #${id}: the page must have it as a ${type.name}`);
}
