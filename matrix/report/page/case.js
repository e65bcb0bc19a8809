'use strict';
/* One case: what must happen, what did, at both ends and between them, and how to see it again. */

function axesTable(run, row) {
  const line = axis => {
    const word = run.word(row, axis.name);
    if (axis.ordinary !== undefined && word === axis.ordinary) return null;
    const meaning = run.head.meanings[axis.name]?.[word];
    return [
      el('dt', {}, labelOf(axis.name)),
      el(
        'dd',
        {},
        el('a', { href: address('cases', { [axis.name]: word }) }, word),
        meaning && el('p', { class: 'quiet' }, meaning.text, ' ', linkReferences(meaning.see)),
      ),
    ];
  };
  return el('dl', { class: 'axes' }, run.head.axes.map(line));
}

function judgementView(run, row) {
  const cause = run.cause(row);
  const entry = run.head.deviations[cause.deviation];
  const was = run.columns.was[row];
  return [
    el(
      'p',
      { class: 'case-verdict' },
      verdictBadge(cause.verdict),
      cause.kind && el('b', {}, ` ${cause.kind}`),
      run.head.against &&
        was > 0 &&
        el('span', { class: 'quiet' }, ` before: ${run.causes[was - 1].verdict}`),
      !run.isPlanned(row) &&
        el('span', { class: 'quiet' }, ' a healthy twin, run to support a refusal'),
    ),
    cause.reason && el('p', { class: 'reason' }, cause.reason),
    cause.check && el('p', { class: 'quiet' }, `what was violated: ${cause.check}`),
    cause.deviation &&
      el(
        'div',
        { class: 'deviation' },
        el(
          'p',
          {},
          'Known deviation ',
          el('a', { href: address('cases', { deviation: cause.deviation }) }, cause.deviation),
        ),
        entry && el('p', {}, entry.why),
        entry && el('p', { class: 'references' }, linkReferences(entry.see)),
      ),
  ];
}

const EXPORTERS = [
  'neither end told one',
  'only one end told one',
  'the same at both ends',
  'differ',
];

function captureView(run, row) {
  const name = run.captureName(row);
  if (name === null)
    return el(
      'p',
      { class: 'quiet' },
      'No capture was kept of this case: --capture all keeps every one.',
    );
  const path = `${run.head.folder}/captures/${name}`;
  return [
    el(
      'p',
      {},
      run.head.beside
        ? el('a', { href: `captures/${encodeURIComponent(name)}`, id: 'capture' }, name)
        : el('code', { id: 'capture' }, name),
      ' opens decrypted in Wireshark',
    ),
    copyable(`${run.head.program} explain ${quoted(path)}`, 'the command that explains it'),
  ];
}

/* The same case between all pairs of stacks: whose fault is it? */
function otherPairs(run, row) {
  const filters = Object.fromEntries(run.axes.slice(2).map(name => [name, [run.word(row, name)]]));
  const selection = new Selection(run, filters);
  if (selection.num < 2) return null;
  return section(
    'The same between other stacks',
    matrixTable(
      selection,
      'client',
      'server',
      new URLSearchParams(Object.entries(filters).map(([name, [word]]) => [name, word])),
    ),
  );
}

async function caseView(run, params) {
  const id = params.get('id') ?? '';
  const row = run.find(id);
  if (row < 0)
    return [
      el('h1', {}, 'No such case'),
      el('p', {}, el('code', {}, id)),
      el('p', {}, 'is not in this run.'),
    ];
  const detail = await run.detail(row);
  const [expectation, client, server] = await Promise.all(
    ['expectation', 'client-facts', 'server-facts'].map(name => run.document(detail[name])),
  );
  const ladders = await laddersOf(run, row, detail);
  const exporter = EXPORTERS[(run.columns.flags[row] >> FLAG_EXPORTER_SHIFT) & 3];
  return [
    el(
      'h1',
      { class: 'case-id' },
      el(
        'code',
        {},
        id.split('/').flatMap((part, index) => (index === 0 ? [part] : ['/', el('wbr'), part])),
      ),
    ),
    judgementView(run, row),
    el(
      'div',
      { class: 'two' },
      section(
        'Run it again',
        copyable(rerunCommand(run, id), 'the command that runs it again'),
        captureView(run, row),
      ),
      section('The case', axesTable(run, row)),
    ),
    section('What must happen', expectationView(run, expectation)),
    (client || server) &&
      section(
        'What each end saw',
        factsTable(run, row, client, server),
        el('p', { class: 'quiet' }, `exporter: ${exporter}`),
      ),
    ladders.length > 0 &&
      section(
        'On the wire',
        el('div', { class: ladders.length > 1 ? 'two' : null }, ladders.map(ladderView)),
        await wireNumbers(run, row),
      ),
    otherPairs(run, row),
  ];
}
