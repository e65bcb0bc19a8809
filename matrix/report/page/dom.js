'use strict';
/* Elements. Text only ever becomes text: nothing here, or anywhere on the page, parses markup. */

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'vars')
      for (const [key, word] of Object.entries(value)) node.style.setProperty(key, word);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(
    ...children
      .flat(Infinity)
      .filter(child => child !== null && child !== undefined && child !== false),
  );
  return node;
}

/* el('a', {href: '#x', onclick: f}, 'text', node, [nodes]) */
function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/* A labelled list to choose from; `change` gets the value that is chosen. */
function choice(name, label, change, options) {
  return el(
    'label',
    {},
    `${label} `,
    el('select', { id: `choose-${name}`, onchange: event => change(event.target.value) }, options),
  );
}

function toast(text) {
  const node = document.getElementById('toast');
  node.textContent = text;
  node.classList.add('shown');
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => node.classList.remove('shown'), 1800);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    /* A file from disk may not have the clipboard of its own; the old way still does. */
    const area = el('textarea', { class: 'offscreen', readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast('Copied');
}

/* A command or a name with a button that copies it. */
function copyable(text, label) {
  return el(
    'div',
    { class: 'copyable' },
    el('code', { tabindex: 0 }, text),
    el(
      'button',
      {
        type: 'button',
        class: 'copy',
        title: `Copy ${label}`,
        'aria-label': `Copy ${label}`,
        onclick: () => copyText(text),
      },
      'Copy',
    ),
  );
}

function section(title, ...children) {
  return el('section', {}, el('h2', {}, title), ...children);
}

/* Cells of a table's line, and the table: `heads` are words, `lines` lists of cells. */
const headCell = (...children) => el('th', { scope: 'row' }, ...children);
const dataCell = (...children) => el('td', {}, ...children);
const numberCell = (...children) => el('td', { class: 'number' }, ...children);

function table(kind, heads, lines) {
  const line = cells => el('tr', {}, cells);
  const top =
    heads.length > 0 && el('thead', {}, line(heads.map(word => el('th', { scope: 'col' }, word))));
  return el(
    'div',
    { class: 'table-frame' },
    el('table', { class: kind }, top, el('tbody', {}, lines.map(line))),
  );
}
