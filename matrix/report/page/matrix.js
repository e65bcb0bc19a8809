'use strict';
/* Any two dimensions against each other. A cell shows the worst that happened in it by sign and colour,
 * and is the way to its cases. */

const MATRIX_MOST = 120; /* rows and columns drawn unless all are asked for */

function wordShown(word) {
  return word === '' ? 'none' : word;
}

function cellCounts(counts, at) {
  return VERDICTS.map((verdict, index) => ({ ...verdict, number: counts[at + index] })).filter(
    ({ number }) => number > 0,
  );
}

function matrixCell(present, link, where) {
  if (present.length === 0)
    return el(
      'td',
      { class: 'cell empty' },
      el('span', { 'aria-label': `${where}: no case` }, '·'),
    );
  const worst = present[0];
  const all = present.reduce((sum, { number }) => sum + number, 0);
  const text = `${where}: ${present.map(({ name, number }) => `${count(number)} ${name}`).join(', ')}`;
  return el(
    'td',
    { class: `cell v-${worst.name}` },
    el(
      'a',
      { href: link, title: text, 'aria-label': text, class: 'cell-link' },
      el(
        'span',
        { class: 'cell-main', 'aria-hidden': 'true' },
        el('span', { class: 'sign' }, worst.sign),
        count(worst.number),
      ),
      el(
        'span',
        { class: 'cell-all', 'aria-hidden': 'true' },
        worst.number === all ? 'all' : `of ${count(all)}`,
      ),
      el(
        'span',
        { class: 'bar', 'aria-hidden': 'true' },
        present.map(({ name, number }) =>
          el('span', { class: `part v-${name}`, vars: { '--share': number / all } }),
        ),
      ),
    ),
  );
}

/* The words of a dimension that occur in the selection, in an order that people expect. */
function wordsPresent(selection, name) {
  const { words, values } = selection.run.dimension[name];
  const seen = new Uint8Array(words.length);
  for (let row = 0; row < values.length; row++)
    if (selection.miss[row] === 0) seen[values[row]] = 1;
  const order = [...words.keys()].filter(index => seen[index] === 1);
  return name === 'verdict' || name === 'kind' || name === 'news'
    ? order
    : order.sort((a, b) => NATURAL.compare(words[a], words[b]));
}

function matrixHead(a, b, columns) {
  return el(
    'thead',
    {},
    el(
      'tr',
      {},
      el('th', { class: 'corner', scope: 'col' }, `${a.label} ↓  ${b.label} →`),
      columns.map(column =>
        el(
          'th',
          { scope: 'col', title: wordShown(b.words[column]) },
          el('span', { class: 'column-word' }, wordShown(b.words[column])),
        ),
      ),
    ),
  );
}

function matrixTable(selection, rowName, columnName, params) {
  const a = selection.run.dimension[rowName],
    b = selection.run.dimension[columnName];
  if (selection.num === 0) return el('p', { class: 'quiet' }, 'No case is left.');
  const counts = selection.cross(rowName, columnName);
  const most = params.get('all') === '1' ? Infinity : MATRIX_MOST;
  const rows = wordsPresent(selection, rowName),
    columns = wordsPresent(selection, columnName);
  const base = narrowing(selection.run, params);
  const body = rows.slice(0, most).map(row =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, wordShown(a.words[row])),
      columns
        .slice(0, most)
        .map(column =>
          matrixCell(
            cellCounts(counts, (row * b.words.length + column) * VERDICTS.length),
            address('cases', cellParams(base, a, row, b, column)),
            `${wordShown(a.words[row])} × ${wordShown(b.words[column])}`,
          ),
        ),
    ),
  );
  const cut = rows.length > most || columns.length > most;
  return el(
    'div',
    {
      class: 'matrix-frame',
      tabindex: 0,
      role: 'region',
      'aria-label': `${a.label} by ${b.label}`,
    },
    el(
      'table',
      { class: 'matrix' },
      matrixHead(a, b, columns.slice(0, most)),
      el('tbody', {}, body),
    ),
    cut &&
      el(
        'p',
        {},
        el(
          'a',
          { href: address('matrix', withOnly(params, { all: '1' })) },
          `Show all ${count(rows.length)} × ${count(columns.length)}`,
        ),
      ),
  );
}

function cellParams(base, a, row, b, column) {
  const params = new URLSearchParams(
    [...base].filter(([name]) => name !== a.name && name !== b.name),
  );
  params.append(a.name, a.words[row]);
  params.append(b.name, b.words[column]);
  return params;
}

function axisChoice(run, params, name, chosen, label) {
  const groups = GROUPS.map(([kind, title]) =>
    el(
      'optgroup',
      { label: title },
      run.dimensions
        .filter(
          dimension =>
            dimension.kind === kind && (dimension.words.length > 1 || dimension.name === chosen),
        )
        .map(dimension =>
          el(
            'option',
            { value: dimension.name, selected: dimension.name === chosen },
            dimension.label,
          ),
        ),
    ),
  );
  return choice(
    name,
    label,
    value => go('matrix', withOnly(params, { [name]: value, all: null })),
    groups,
  );
}

function matrixAxes(run, params) {
  const known = name => (run.dimension[name] ? name : null);
  return [known(params.get('rows')) ?? 'client', known(params.get('columns')) ?? 'server'];
}

function matrixView(run, params) {
  const selection = selectionOf(run, params);
  const [rows, columns] = matrixAxes(run, params);
  const controls = el(
    'div',
    { class: 'controls' },
    axisChoice(run, params, 'rows', rows, 'Rows'),
    el(
      'button',
      {
        type: 'button',
        title: 'Swap rows and columns',
        onclick: () => go('matrix', withOnly(params, { rows: columns, columns: rows })),
      },
      '⇄ swap',
    ),
    axisChoice(run, params, 'columns', columns, 'Columns'),
  );
  return [
    el('h1', {}, 'Matrix'),
    withFilters(selection, 'matrix', params, [
      controls,
      verdictBar(run, selection.verdicts(), name =>
        address('cases', withOnly(narrowing(run, params), { verdict: name })),
      ),
      matrixTable(selection, rows, columns, params),
    ]),
  ];
}
