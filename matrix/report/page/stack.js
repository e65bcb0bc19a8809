'use strict';
/* A stack: how it fared, what it is known to do otherwise, how it refuses, what it can do. */

const VERSIONS = ['tls1.0', 'tls1.1', 'tls1.2', 'tls1.3'];

function stackTallies(run, name) {
  const role = end => {
    const selection = new Selection(run, { [end]: [name] });
    return el(
      'div',
      {},
      el(
        'h3',
        {},
        `as the ${end}: `,
        el('a', { href: address('cases', { [end]: name }) }, count(selection.num, 'case')),
      ),
      selection.num > 0 &&
        verdictBar(run, selection.verdicts(), verdict =>
          address('cases', { [end]: name, verdict }),
        ),
    );
  };
  return section('How it fared', el('div', { class: 'two' }, role('client'), role('server')));
}

function stackFindings(run, name) {
  const mine = run.groups.filter(
    group =>
      group.red &&
      [0, 1].some(end =>
        [...group.words[end]].some(number => run.dimension.client.words[number] === name),
      ),
  );
  if (mine.length === 0) return null;
  return section(
    'Findings in which it takes part',
    el(
      'ul',
      {},
      mine.map(group =>
        el(
          'li',
          {},
          verdictSign(group.cause.verdict, true),
          el(
            'a',
            { href: address('cases', { finding: group.name }) },
            group.cause.reason || causeWords(group.cause),
          ),
          ` ${count(group.num, 'case')}`,
        ),
      ),
    ),
  );
}

function deviationLine(id, entry, num) {
  const name = num > 0 ? el('a', { href: address('cases', { deviation: id }) }, id) : id;
  return [
    dataCell(
      name,
      el('p', { class: 'quiet' }, entry.why),
      el('p', { class: 'references' }, linkReferences(entry.see)),
    ),
    dataCell(entry.kind),
    numberCell(count(num)),
  ];
}

function stackDeviations(run, name) {
  const title = 'What it is known to do otherwise';
  const entries = Object.entries(run.head.deviations).filter(([, entry]) => entry.stack === name);
  const known = run.groups.filter(group => !group.red);
  const numbers = new Map(known.map(group => [group.cause.deviation, group.num]));
  const tableOf = list =>
    table(
      'list',
      ['deviation', 'kind', 'cases'],
      list.map(([id, entry]) => deviationLine(id, entry, numbers.get(id) ?? 0)),
    );
  if (entries.length === 0) return section(title, el('p', { class: 'quiet' }, 'Nothing.'));
  const met = entries.filter(([id]) => numbers.has(id));
  const unmet = entries.filter(([id]) => !numbers.has(id));
  return section(
    title,
    met.length > 0 ? tableOf(met) : el('p', { class: 'quiet' }, 'Nothing that this run met.'),
    unmet.length > 0 &&
      el(
        'details',
        {},
        el('summary', {}, `${count(unmet.length, 'entry', 'entries')} that this run did not meet`),
        tableOf(unmet),
      ),
  );
}

/* Which axis tells more finely why a case had to be refused. */
const FINER = { imposter: 'identity', attack: 'attack', hello: 'hello' };
const WORDS_MAX = 1 << 16; /* of one axis; two of them and a byte are still a whole number */

/* How often this stack gave up at this end, by numbers of (fault, finer word, alert) in one. */
function countRefusals(run, name, end) {
  const {
    fault,
    flags,
    [end]: stacks,
    [`${end}-alert`]: sent,
    [`${end}-told`]: told,
  } = run.columns;
  const ended = run.columns[`${end}-ended`];
  const stack = run.numberOf(end, name);
  const refused = run.dimension[`${end}-ended`].words.map(word => word.startsWith('refused'));
  const finer = run.dimension.fault.words.map(word => run.columns[FINER[word]]);
  const counts = new Map();
  for (let row = 0; row < run.rows; row++) {
    if (stacks[row] !== stack || fault[row] === 0 || !refused[ended[row]]) continue;
    if (!(flags[row] & FLAG_PLANNED) || (sent[row] === 0 && told[row] !== 0)) continue;
    const word = finer[fault[row]]?.[row] ?? 0;
    const key = (fault[row] * WORDS_MAX + word) * WORDS_MAX + sent[row];
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/* {"axis, word": {"end, alert": number}} of the cases in which this stack was the one that gave up. */
function alertsByCause(run, name) {
  const causes = new Map();
  for (const end of ['client', 'server']) {
    for (const [key, num] of countRefusals(run, name, end)) {
      const fault = run.dimension.fault.words[Math.floor(key / WORDS_MAX / WORDS_MAX)];
      const axis = FINER[fault] ?? 'fault';
      const finer = Math.floor(key / WORDS_MAX) % WORDS_MAX;
      const cause = `${axis}\t${axis === 'fault' ? fault : run.dimension[axis].words[finer]}`;
      const alert = `${end}\t${run.dimension[`${end}-alert`].words[key % WORDS_MAX]}`;
      if (!causes.has(cause)) causes.set(cause, new Map());
      causes.get(cause).set(alert, num);
    }
  }
  return causes;
}

/* An alert with its number, which leads to its cases. */
function alertCount(run, name, key, [alert, num]) {
  const [axis, word] = key.split('\t');
  const [end, text] = alert.split('\t');
  const refused = run.dimension[`${end}-ended`].words.filter(ended => ended.startsWith('refused'));
  const filters = { [axis]: word, [end]: name, [`${end}-alert`]: text, [`${end}-ended`]: refused };
  if (text === '') filters[`${end}-told`] = '';
  return el(
    'a',
    { class: 'alert-count', href: address('cases', filters) },
    el('span', { class: 'end-mark' }, end),
    text || 'no alert',
    el('b', {}, count(num)),
  );
}

function stackAlerts(run, name) {
  const causes = [...alertsByCause(run, name)].sort(([a], [b]) => NATURAL.compare(a, b));
  if (causes.length === 0) return null;
  const most = alerts => [...alerts].sort((a, b) => b[1] - a[1]);
  const line = ([key, alerts]) => [
    headCell(key.split('\t')[1]),
    dataCell(most(alerts).map(alert => alertCount(run, name, key, alert))),
  ];
  return section(
    'How it refuses',
    el(
      'p',
      { class: 'quiet' },
      'The alerts that it sent where it was the one that gave up, by what was wrong.',
    ),
    table('list alerts', [], causes.map(line)),
  );
}

function supportMark(has) {
  return el('td', { class: has ? 'yes' : 'no' }, has ? '✓' : '–');
}

/* Groups or credentials by version. */
function supportTable(title, capabilities, key) {
  const of = version => capabilities.versions[version]?.[key] ?? [];
  const words = [...new Set(VERSIONS.flatMap(of))];
  const heads = [title, ...VERSIONS.map(version => version.slice('tls'.length))];
  return table(
    'support',
    heads,
    words.map(word => [
      headCell(word),
      VERSIONS.map(version => supportMark(of(version).includes(word))),
    ]),
  );
}

/* Who else has the suite stands beside it. */
function suiteTable(run, name) {
  const { stacks } = run.head;
  const all = [...new Set(stacks.flatMap(stack => stack.suites))].sort();
  const own = stacks.find(stack => stack.stack === name).suites;
  const heads = ['suite', ...stacks.map(stack => stack.stack)];
  return el(
    'details',
    { id: 'suites' },
    el(
      'summary',
      {},
      `${count(own.length, 'suite')} of ${count(all.length)} that any stack here has`,
    ),
    table(
      'support',
      heads,
      all.map(suite => [
        headCell(suite),
        stacks.map(stack => supportMark(stack.suites.includes(suite))),
      ]),
    ),
  );
}

function stackAbilities(run, name) {
  const capabilities = run.head.stacks.find(stack => stack.stack === name);
  const features = Array.isArray(capabilities.features)
    ? capabilities.features
    : Object.keys(capabilities.features ?? {}).filter(key => capabilities.features[key]);
  return section(
    'What it can do',
    el('p', {}, `Features: ${features.length > 0 ? features.join(', ') : 'none declared'}`),
    suiteTable(run, name),
    el(
      'div',
      { class: 'two' },
      supportTable('group', capabilities, 'groups'),
      supportTable('credential', capabilities, 'credentials'),
    ),
  );
}

function stackView(run, params) {
  const name = params.get('name') ?? run.head.stacks[0].stack;
  const capabilities = run.head.stacks.find(stack => stack.stack === name);
  const tabs = el(
    'p',
    { class: 'tabs' },
    run.head.stacks.map(stack =>
      el(
        'a',
        {
          href: address('stack', { name: stack.stack }),
          'aria-current': stack.stack === name ? 'page' : null,
        },
        stack.stack,
      ),
    ),
  );
  if (!capabilities) return [tabs, el('p', {}, `No stack of this run is called ${name}.`)];
  return [
    tabs,
    el('h1', {}, name, el('span', { class: 'quiet' }, ` ${capabilities.library}`)),
    stackTallies(run, name),
    stackFindings(run, name),
    stackDeviations(run, name),
    stackAlerts(run, name),
    stackAbilities(run, name),
  ];
}
