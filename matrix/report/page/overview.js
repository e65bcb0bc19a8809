'use strict';
/* The first screen: is it red, what is new, and what is wrong, the worst first. */

const FINDINGS_SHOWN = 40; /* the rest are on the page, too, folded */

function verdictLine(run) {
  const { head } = run;
  const state =
    head.exit_code === 0
      ? ['good', '✓', 'Green']
      : head.exit_code === 3
        ? ['broken', '!', 'The harness failed']
        : head.exit_code === 130
          ? ['broken', '◷', 'Not finished']
          : ['bad', '✕', 'Red'];
  const red = run.groups.filter(group => group.red);
  const known = run.groups.filter(group => !group.red);
  const cases = groups => groups.reduce((sum, group) => sum + group.num, 0);
  const words =
    red.length > 0
      ? `${count(cases(red), 'case')} of ${count(run.numPlanned)} ${cases(red) === 1 ? 'is' : 'are'} wrong, for ${count(red.length, 'reason')}`
      : known.length > 0
        ? `everything is as the RFCs want it, but for ${count(known.length, 'known deviation')} in ${count(cases(known), 'case')}`
        : 'everything is as the RFCs want it';
  return el(
    'div',
    { class: `verdict ${state[0]}`, id: 'verdict' },
    el('span', { class: 'verdict-sign', 'aria-hidden': 'true' }, state[1]),
    el('h1', {}, `${state[2]}: `, el('span', {}, words)),
  );
}

/* What makes a run red besides its cases. */
function otherTroubles(run) {
  const { head } = run;
  const lines = [
    head.missing_capabilities > 0 &&
      `${count(head.missing_capabilities, 'capability', 'capabilities')} that the checked-in lists expect ${head.missing_capabilities === 1 ? 'is' : 'are'} missing.`,
    head.missing_parts > 0 &&
      `${count(head.missing_parts, 'shard')} of the whole ${head.missing_parts === 1 ? 'is' : 'are'} missing.`,
    !/^0\/1$/.test(head.run.shard ?? '0/1') &&
      `This is shard ${Number(head.run.shard.split('/')[0]) + 1} of ${head.run.shard.split('/')[1]}.`,
    head.run.state !== 'finished' &&
      'The run has not come to its end: what is here is what was there so far.',
  ].filter(Boolean);
  return lines.map(line => el('p', { class: 'trouble' }, line));
}

function runFacts(run) {
  const { head } = run;
  const selected = JSON.parse(head.run.select || '[]');
  const facts = [
    [
      'profile',
      (head.run.profile ?? '')
        .split('/')
        .pop()
        .replace(/\.yaml$/, '') || 'ids of a list',
    ],
    ['stacks', head.stacks.map(stack => `${stack.name} (${stack.library})`).join(', ')],
    ['begun', moment(head.run.started ?? '')],
    ['selected', selected.join(' ')],
    ['folder', head.folder],
  ];
  return el(
    'dl',
    { class: 'run-facts' },
    facts
      .filter(([, text]) => text)
      .map(([name, text]) => [el('dt', {}, name), el('dd', {}, text)]),
  );
}

/* Four numbers, each a way to its cases. */
function newsBox(run) {
  const { against } = run.head;
  if (!against) return null;
  const counts = new Selection(run, {}).facet('news');
  const item = (index, text) =>
    el(
      'a',
      { class: `news-item n${index}`, href: address('cases', { news: NEWS[index] }) },
      el('b', {}, count(counts[index])),
      ` ${text}`,
    );
  return section(
    'Since the run before',
    el(
      'p',
      { class: 'quiet' },
      `held against ${against.folder}, begun ${moment(against.run.started ?? '?')}`,
    ),
    el(
      'div',
      { class: 'news' },
      item(1, counts[1] === 1 ? 'new failure' : 'new failures'),
      item(2, 'fixed'),
      item(3, 'with another verdict'),
      item(4, counts[4] === 1 ? 'new case' : 'new cases'),
      el('span', { class: 'news-item' }, el('b', {}, count(against.vanished)), ' vanished'),
    ),
    run.numCommon === 0 &&
      el('p', {}, 'No case of this run is one of that run: nothing could be held against it.'),
    against.vanished > 0 &&
      el(
        'details',
        {},
        el('summary', {}, 'Vanished cases'),
        el(
          'ul',
          { class: 'ids' },
          against.examples.map(id => el('li', {}, el('code', {}, id))),
        ),
        against.vanished > against.examples.length &&
          el('p', {}, `and ${count(against.vanished - against.examples.length)} more`),
      ),
  );
}

/* "2026-01-02T03:04:05Z" as people write it. */
function moment(text) {
  return text.replace('T', ' ').replace('Z', ' UTC');
}

/* With what the run was told beside: another program under a stack's name, its faults. */
function rerunCommand(run, id) {
  return `${run.head.program} rerun -v ${quoted(id)}${run.head.run.rerun_options ?? ''}`;
}

function findingCard(run, group) {
  const id = run.id(group.example);
  return el(
    'article',
    { class: `finding v-${group.cause.verdict}`, 'data-finding': group.name },
    el(
      'header',
      {},
      verdictSign(group.cause.verdict),
      el('h3', {}, causeWords(group.cause)),
      group.fresh > 0 &&
        run.head.against &&
        el(
          'span',
          { class: 'fresh' },
          group.fresh === group.num ? 'new' : `${count(group.fresh)} new`,
        ),
      el(
        'a',
        { class: 'finding-count', href: address('cases', { finding: group.name }) },
        count(group.num, 'case'),
      ),
    ),
    el('p', { class: 'reason' }, group.cause.reason || 'no reason was given'),
    group.num > 1 && el('p', { class: 'pattern' }, 'in ', el('code', {}, patternOf(run, group))),
    el(
      'p',
      {},
      el(
        'a',
        { href: address('case', { id }) },
        group.num > 1 ? 'One of them: ' : 'The case: ',
        el('code', {}, id),
      ),
    ),
    copyable(rerunCommand(run, id), 'the command that runs it again'),
  );
}

function redFindings(run) {
  const red = run.groups.filter(group => group.red);
  if (red.length === 0) return null;
  const cards = red.map(group => findingCard(run, group));
  return section(
    'What is wrong, the worst first',
    cards.slice(0, FINDINGS_SHOWN),
    cards.length > FINDINGS_SHOWN &&
      el(
        'details',
        { class: 'more' },
        el('summary', {}, `${count(cards.length - FINDINGS_SHOWN, 'more reason')}`),
        cards.slice(FINDINGS_SHOWN),
      ),
  );
}

function knownDeviation(run, group) {
  const id = group.cause.deviation;
  const entry = run.head.deviations[id];
  return [
    dataCell(verdictSign(group.cause.verdict, true)),
    dataCell(
      el('a', { href: address('cases', { deviation: id }) }, id),
      el('p', { class: 'quiet' }, entry ? entry.why : group.cause.reason),
    ),
    numberCell(count(group.num)),
  ];
}

function knownFindings(run) {
  const known = run.groups.filter(group => !group.red);
  if (known.length === 0) return null;
  const cases = known.reduce((sum, group) => sum + group.num, 0);
  const title = `${count(known.length, 'known deviation')} in ${count(cases, 'case')}`;
  return el(
    'details',
    { class: 'known', id: 'known', open: !run.groups[0].red },
    el('summary', {}, el('h2', {}, title)),
    table(
      'list',
      [],
      known.map(group => knownDeviation(run, group)),
    ),
  );
}

function overview(run) {
  const selection = new Selection(run, {});
  return [
    verdictLine(run),
    otherTroubles(run),
    verdictBar(run, selection.verdicts(), name => address('cases', { verdict: name })),
    runFacts(run),
    newsBox(run),
    redFindings(run),
    section('Client by server', matrixTable(selection, 'client', 'server', new URLSearchParams())),
    knownFindings(run),
  ];
}
