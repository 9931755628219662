/** Making elements in one expression. */

type Content = Node | string | false | undefined;

/** An element with attributes and contents; attributes that are false or undefined are left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
  ...contents: readonly Content[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const content of contents) if (content !== undefined && content !== false) made.append(content);
  return made;
}

/** An element, and what happens when it is clicked. */
export function clickable<Kind extends HTMLElement>(made: Kind, click: () => void): Kind {
  made.addEventListener("click", click);
  return made;
}
