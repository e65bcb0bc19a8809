'use strict';
/* How long accepted handshakes took, and what they put on the wire. */

const bytesUnit = value =>
  value < 100000 ? `${count(Math.round(value))} B` : `${(value / 1000).toPrecision(3)} kB`;
const sum =
  (...names) =>
  (speed, row) =>
    names.reduce((total, name) => total + speed[name][row], 0);
const MEASURES = [
  {
    name: 'handshake',
    label: 'handshake time on the wire',
    unit: microseconds,
    needs: 'handshake-us',
    of: sum('handshake-us'),
  },
  {
    name: 'client-time',
    label: "the client's time for the case",
    unit: microseconds,
    needs: 'client-us',
    of: sum('client-us'),
  },
  {
    name: 'server-time',
    label: "the server's time for the case",
    unit: microseconds,
    needs: 'server-us',
    of: sum('server-us'),
  },
  {
    name: 'bytes',
    label: 'bytes on the wire',
    unit: bytesUnit,
    needs: 'client-bytes',
    of: sum('client-bytes', 'server-bytes'),
  },
  {
    name: 'client-bytes',
    label: 'bytes from the client',
    unit: bytesUnit,
    needs: 'client-bytes',
    of: sum('client-bytes'),
  },
  {
    name: 'server-bytes',
    label: 'bytes from the server',
    unit: bytesUnit,
    needs: 'server-bytes',
    of: sum('server-bytes'),
  },
  {
    name: 'packets',
    label: 'packets on the wire',
    unit: value => count(Math.round(value)),
    needs: 'client-packets',
    of: sum('client-packets', 'server-packets'),
  },
];
const SPEED_BY = [
  'pair',
  'got-suite',
  'got-version',
  'got-group',
  'credential',
  'auth',
  'client',
  'server',
  'delivery',
  'exchange',
];
const SPEED_SHOWN = 60;

/* What was measured at all: a run without a recording has no bytes. */
function measuresOf(run, speed) {
  const widths = Object.fromEntries(
    run.columnsOf('speed').map(column => [column.name, column.width]),
  );
  return MEASURES.filter(measure => widths[measure.needs] > 0 && speed);
}

function groupNumber(run, by) {
  if (by !== 'pair') {
    const { words, values } = run.dimension[by];
    return {
      words: words.map(wordShown),
      of: row => values[row],
      filter: index => ({ [by]: words[index] }),
    };
  }
  const { words } = run.dimension.client,
    { client, server } = run.columns;
  return {
    words: words.flatMap(a => words.map(b => `${a} → ${b}`)),
    of: row => client[row] * words.length + server[row],
    filter: index => ({
      client: words[Math.floor(index / words.length)],
      server: words[index % words.length],
    }),
  };
}

/* The values of accepted cases by group: counted first, so that each group is one typed array. */
function gatherValues(selection, group, value) {
  const { run, miss } = selection;
  const accepted = run.dimension['client-ended'].words.map(word => word.startsWith('accepted'));
  const counts = new Uint32Array(group.words.length);
  const wanted = row =>
    miss[row] === 0 &&
    accepted[run.columns['client-ended'][row]] &&
    accepted[run.columns['server-ended'][row]] &&
    value(row) > 0;
  for (let row = 0; row < miss.length; row++) if (wanted(row)) counts[group.of(row)]++;
  const arrays = Array.from(counts, number => new Float64Array(number));
  const at = new Uint32Array(counts.length);
  for (let row = 0; row < miss.length; row++)
    if (wanted(row)) arrays[group.of(row)][at[group.of(row)]++] = value(row);
  return arrays
    .map((values, index) => ({ index, sorted: values.sort() }))
    .filter(({ sorted }) => sorted.length > 0)
    .sort((a, b) => quantile(a.sorted, 0.5) - quantile(b.sorted, 0.5));
}

function speedTable(groups, unit) {
  const line = ({ text, sorted, href }) => [
    headCell(el('a', { href }, text)),
    numberCell(count(sorted.length)),
    [0.05, 0.5, 0.95].map(share => numberCell(unit(quantile(sorted, share)))),
  ];
  const heads = ['', 'cases', '5 % below', 'median', '5 % above'];
  return el('details', {}, el('summary', {}, 'as a table'), table('list', heads, groups.map(line)));
}

function speedChoice(params, name, chosen, options, label) {
  return choice(
    name,
    label,
    value => go('speed', withOnly(params, { [name]: value })),
    options.map(([value, text]) => el('option', { value, selected: value === chosen }, text)),
  );
}

async function speedView(run, params) {
  const speed = await run.speed();
  const measures = measuresOf(run, speed);
  if (measures.length === 0)
    return [el('h1', {}, 'Speed'), el('p', {}, 'Nothing was measured in this run.')];
  const measure = measures.find(({ name }) => name === params.get('measure')) ?? measures[0];
  const by = SPEED_BY.includes(params.get('by')) ? params.get('by') : 'pair';
  const selection = selectionOf(run, params);
  const group = groupNumber(run, by);
  const base = narrowing(run, params);
  const groups = gatherValues(selection, group, row => measure.of(speed, row)).map(
    ({ index, sorted }) => ({
      text: group.words[index],
      sorted,
      href: address('cases', withOnly(base, group.filter(index))),
    }),
  );
  const controls = el(
    'div',
    { class: 'controls' },
    speedChoice(
      params,
      'measure',
      measure.name,
      measures.map(({ name, label }) => [name, label]),
      'What',
    ),
    speedChoice(
      params,
      'by',
      by,
      SPEED_BY.map(name => [name, name === 'pair' ? 'client → server' : labelOf(name)]),
      'by',
    ),
  );
  return [
    el('h1', {}, 'Speed'),
    withFilters(selection, 'speed', params, [
      controls,
      el(
        'p',
        { class: 'quiet' },
        'Accepted cases only, the group with the lowest median first. A shape is how the cases spread, the tick its median, the line under it holds nine of ten. Cases ran beside each other: compare the times of groups, not times with another day’s.',
      ),
      groups.length === 0
        ? el('p', { class: 'quiet' }, 'No accepted case is left.')
        : [
            distributionPlot(
              groups.slice(0, SPEED_SHOWN),
              measure.unit,
              `${measure.label} by ${labelOf(by)}`,
            ),
            groups.length > SPEED_SHOWN &&
              el(
                'p',
                { class: 'quiet' },
                `The first ${SPEED_SHOWN} of ${count(groups.length)} are drawn.`,
              ),
            speedTable(groups, measure.unit),
          ],
    ]),
  ];
}
