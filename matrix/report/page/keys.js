'use strict';
/* Everything by keyboard. */

const VIEW_KEYS = { 1: 'overview', 2: 'matrix', 3: 'cases', 4: 'stack', 5: 'speed' };
const KEY_HELP = [
  ['1 … 5', 'the views, in the order of the menu'],
  ['/', 'to the text filter'],
  ['j  k', 'next and previous case, cell or finding'],
  ['← ↑ → ↓', 'from cell to cell of a matrix'],
  ['Enter', 'open it'],
  ['u', 'back'],
  ['?', 'this'],
];
const STOPS = '.case-line, .finding-count, .cell-link, .chip';

function moveBy(step) {
  const stops = [...document.querySelectorAll(`#main :is(${STOPS})`)];
  if (stops.length === 0) return;
  const at = stops.indexOf(document.activeElement);
  stops[at < 0 ? 0 : Math.min(stops.length - 1, Math.max(0, at + step))].focus();
}

/* To the nearest cell with cases in that direction. */
function moveInMatrix(cell, rows, columns) {
  const line = cell.parentElement,
    body = line.parentElement;
  let y = [...body.children].indexOf(line) + rows,
    x = [...line.children].indexOf(cell) + columns;
  while (body.children[y]?.children[x]) {
    const link = body.children[y].children[x].querySelector('.cell-link');
    if (link) return link.focus();
    y += rows;
    x += columns;
  }
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function toTextFilter() {
  const input = document.getElementById('text-filter');
  if (!input) return go('cases', {});
  input.closest('details').open = true;
  input.focus();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.('input:not([type=checkbox]), select, textarea, dialog')) return;
  const cell = event.target.closest?.('td.cell');
  const actions = {
    '?': showHelp,
    '/': toTextFilter,
    j: () => moveBy(1),
    k: () => moveBy(-1),
    u: () => history.back(),
  };
  const action =
    ARROWS[event.key] && cell
      ? () => moveInMatrix(cell, ...ARROWS[event.key])
      : VIEW_KEYS[event.key]
        ? () => go(VIEW_KEYS[event.key], {})
        : actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function showHelp() {
  const dialog = document.getElementById('help-dialog');
  dialog.replaceChildren(
    el('h2', {}, 'Keys'),
    el(
      'dl',
      { class: 'keys' },
      KEY_HELP.map(([key, text]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, text)]),
    ),
    el('h2', {}, 'Signs'),
    el(
      'dl',
      { class: 'keys' },
      VERDICTS.map(({ name, text }) => [el('dt', {}, verdictBadge(name)), el('dd', {}, text)]),
    ),
    el('form', { method: 'dialog' }, el('button', { autofocus: true }, 'Close')),
  );
  dialog.showModal();
}
