'use strict';
/* What must have happened and what did, as tables. */

function factText(name, value) {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/* A value that can be long is cut where it is shown, and whole where it is asked for. */
function factValue(text) {
  return /^[0-9a-f]{64}$/.test(text)
    ? el('code', { title: text, class: 'hash' }, `${text.slice(0, 16)}…`)
    : text;
}

/* In this order; what is not named here follows. */
const FACT_ORDER = [
  'result',
  'stage',
  'handshake_done',
  'version',
  'suite',
  'group',
  'signature_scheme',
  'resumed',
  'alert_sent',
  'alert_received',
  'close',
  'bytes_in',
  'bytes_out',
  'verify_code',
  'verify_text',
  'verify_problem',
  'peer_leaf_sha256',
  'error_text',
];
const SAME_EXPECTED = new Set(['version', 'suite', 'group', 'resumed', 'result']);

const ALERT_FACTS = {
  alert_sent: ['client-alert', 'server-alert'],
  alert_received: ['client-told', 'server-told'],
};

/* An alert has its name beside its number. */
function factShown(run, row, name, facts, end) {
  const text = factText(name, facts?.[name]);
  if (!(name in ALERT_FACTS) || facts?.[name] === undefined) return factValue(text);
  return `${text} ${run.word(row, ALERT_FACTS[name][end])}`;
}

/* What the other end's word on it is called; undefined: it has none. */
const OTHER_END_HAS = {
  ...Object.fromEntries([...SAME_EXPECTED].map(name => [name, name])),
  alert_sent: 'alert_received',
  alert_received: 'alert_sent',
};

/* Do both ends say what it was, and not the same? An end that broke off may well not say. */
function factDiffers(name, facts, others) {
  const [here, there] = [facts?.[name], others?.[OTHER_END_HAS[name]]];
  return (
    (here ?? null) !== null &&
    (there ?? null) !== null &&
    factText(name, here) !== factText(name, there)
  );
}

function factLine(run, row, name, ends) {
  const shown = ends.map((facts, end) =>
    el(
      'td',
      { class: factDiffers(name, facts, ends[1 - end]) ? 'differ' : null },
      factShown(run, row, name, facts, end),
    ),
  );
  return [headCell(name.replaceAll('_', ' ')), shown];
}

function factsTable(run, row, client, server) {
  const present = new Set([...Object.keys(client ?? {}), ...Object.keys(server ?? {})]);
  const names = [...FACT_ORDER.filter(name => present.delete(name)), ...present];
  const heads = ['', `client: ${run.word(row, 'client')}`, `server: ${run.word(row, 'server')}`];
  return table(
    'facts',
    heads,
    names.map(name => factLine(run, row, name, [client, server])),
  );
}

function refusalText(who, refusal) {
  if (!refusal?.may_refuse) return null;
  const alerts =
    refusal.alerts.length === 0
      ? 'with close_notify or an alert of its own choice'
      : `with alert ${refusal.alerts.join(' or ')}`;
  const none = refusal.alert_may_be_absent && refusal.alerts.length > 0 ? ', or none' : '';
  return `${who}, ${alerts}${none}, at the stage ${refusal.latest_stage} at the latest`;
}

function expectationLines(expectation) {
  const refused = [
    refusalText('the client', expectation.client),
    refusalText('the server', expectation.server),
  ].filter(Boolean);
  const { hello } = expectation;
  const list = words => (words?.length > 0 ? words.join(', ') : null);
  return [
    [
      'outcome',
      hello
        ? `the ${hello.to} answers with ${hello.answer}`
        : expectation.accepted
          ? 'both ends accept'
          : `refused: ${expectation.fault}`,
    ],
    ['refused by', refused.join('; or ') || null],
    ['attack', expectation.attack_outcome],
    ['certificate problem', expectation.verify_problem],
    ['version', expectation.version],
    ['suite', list(expectation.suites)],
    ['group', list(expectation.groups)],
    ['signature scheme', list(expectation.signature_schemes)],
    [
      'application data',
      hello
        ? null
        : `${expectation.bytes_to_server} bytes to the server, ${expectation.bytes_to_client} to the client`,
    ],
  ].filter(([, text]) => text);
}

function requirement({ id, text, references }) {
  return el(
    'li',
    {},
    el('b', {}, id),
    el('p', {}, text),
    el('p', { class: 'references' }, linkReferences(references)),
  );
}

function expectationView(run, expectation) {
  if (!expectation)
    return el('p', { class: 'quiet' }, 'Nothing was expected: the case did not run.');
  return [
    el(
      'dl',
      { class: 'expected' },
      expectationLines(expectation).map(([name, text]) => [el('dt', {}, name), el('dd', {}, text)]),
    ),
    el(
      'details',
      { open: true },
      el('summary', {}, 'because'),
      el(
        'ul',
        { class: 'requirements' },
        expectation.requirements.map(number => requirement(run.head.requirements[number])),
      ),
    ),
  ];
}
