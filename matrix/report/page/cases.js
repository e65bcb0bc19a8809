'use strict';
/* The cases that the filters leave, and what they come from. */

const PAGE_ROWS = 100;
const REASONS_SHOWN = 8;

function caseLine(run, row) {
  const cause = run.cause(row);
  return el(
    'li',
    {},
    el(
      'a',
      { href: address('case', { id: run.id(row) }), class: 'case-line' },
      verdictSign(cause.verdict, true),
      el('code', {}, run.id(row)),
      !run.isPlanned(row) && el('span', { class: 'twin-mark' }, 'twin'),
    ),
    cause.reason &&
      el(
        'p',
        { class: 'quiet reason-line' },
        cause.kind && el('b', {}, `${cause.kind}: `),
        cause.reason,
      ),
  );
}

/* Grows by a page when asked, so that a million cases cost nothing. */
function caseList(selection) {
  const list = el('ol', { class: 'cases' });
  const more = el('button', { type: 'button', class: 'more-cases' });
  let next = 0,
    shown = 0;
  const grow = () => {
    const rows = selection.rowsFrom(next, PAGE_ROWS);
    list.append(...rows.map(row => caseLine(selection.run, row)));
    shown += rows.length;
    next = rows.length > 0 ? rows.at(-1) + 1 : next;
    more.textContent = `${count(Math.min(PAGE_ROWS, selection.num - shown))} more of ${count(selection.num - shown)}`;
    more.hidden = shown >= selection.num;
  };
  more.addEventListener('click', () => {
    grow();
    list.children[shown - 1]?.scrollIntoView({ block: 'nearest' });
  });
  grow();
  return [list, more];
}

/* Of a selection with several reasons: each with its number. */
function reasons(selection, params) {
  const { run, miss } = selection;
  const counts = new Uint32Array(run.dimension.finding.words.length);
  const { values } = run.dimension.finding;
  for (let row = 0; row < miss.length; row++) if (miss[row] === 0) counts[values[row]]++;
  const groups = run.groups
    .map((group, index) => ({ group, num: counts[index + 1] }))
    .filter(({ num }) => num > 0);
  if (groups.length < 2) return null;
  const line = ({ group, num }) =>
    el(
      'li',
      {},
      verdictSign(group.cause.verdict, true),
      el(
        'a',
        { href: address('cases', withOnly(params, { finding: group.name })) },
        group.cause.deviation || group.cause.reason || causeWords(group.cause),
      ),
      ` ${count(num)}`,
    );
  return el(
    'details',
    { class: 'reasons', open: groups.length <= REASONS_SHOWN },
    el('summary', {}, count(groups.length, 'finding')),
    el('ul', {}, groups.map(line)),
  );
}

function casesView(run, params) {
  const selection = selectionOf(run, params);
  const bar =
    selection.num > 0 &&
    verdictBar(run, selection.verdicts(), name =>
      address('cases', withOnly(params, { verdict: name })),
    );
  return [
    el('h1', {}, count(selection.num, 'case')),
    withFilters(selection, 'cases', params, [
      bar,
      el(
        'p',
        { class: 'see-also' },
        el('a', { href: address('matrix', narrowing(run, params)) }, 'as a matrix'),
        ' · ',
        el('a', { href: address('speed', narrowing(run, params)) }, 'their speed'),
      ),
      reasons(selection, params),
      selection.num === 0
        ? el('p', { class: 'quiet' }, 'No case is left. Take a filter away.')
        : caseList(selection),
    ]),
  ];
}
