'use strict';
/* What the words of a run mean to a person: each verdict has a sign besides its colour. */

/* The worst first. */
const VERDICTS = [
  {
    name: 'harness-error',
    sign: '!',
    text: 'the harness itself failed: nothing is said about TLS',
  },
  { name: 'crash', sign: '✸', text: 'a peer died' },
  { name: 'fail', sign: '✕', text: 'something happened that the RFCs do not allow' },
  { name: 'timeout', sign: '◷', text: 'a peer did not end within its time' },
  {
    name: 'xpass',
    sign: '▲',
    text: 'a known deviation is gone: its entry has to go, too',
  },
  {
    name: 'inconclusive',
    sign: '?',
    text: 'the healthy twin fails on this pair, so a refusal proves nothing',
  },
  { name: 'xfail', sign: '◐', text: 'a known deviation, with its reason' },
  {
    name: 'pass',
    sign: '✓',
    text: 'as the RFCs want it, at both ends and on the wire',
  },
  {
    name: 'unsupported',
    sign: '–',
    text: 'a stack declares beforehand that it cannot',
  },
];
const VERDICT_ORDER = new Map(VERDICTS.map((verdict, index) => [verdict.name, index]));

const KINDS = [
  'accepted-what-must-be-refused',
  'ends-disagree',
  'refused-what-must-be-accepted',
  'wrong-negotiation',
  'no-alert',
  'wrong-alert',
  '',
];

/* What there is to filter by besides the axes, whose names are the run's own. */
const LABELS = {
  client: 'client stack',
  server: 'server stack',
  auth: 'authentication',
  pin: 'pinning',
  identity: 'imposter',
  attack: 'attack in the path',
  delivery: 'delivery',
  hello: 'raw hello',
  exchange: 'application exchange',
  verdict: 'verdict',
  kind: 'kind of failure',
  deviation: 'known deviation',
  news: 'against the run before',
  fault: 'why it must be refused',
  'client-ended': 'how the client ended',
  'server-ended': 'how the server ended',
  'client-alert': 'alert of the client',
  'server-alert': 'alert of the server',
  'client-told': 'alert the client received',
  'server-told': 'alert the server received',
  'got-version': 'negotiated version',
  'got-suite': 'negotiated suite',
  'got-group': 'negotiated group',
};

function labelOf(name) {
  return LABELS[name] ?? name;
}

function verdictSign(name, label) {
  const verdict = VERDICTS[VERDICT_ORDER.get(name)];
  return el(
    'span',
    {
      class: `sign v-${name}`,
      title: `${name}: ${verdict.text}`,
      'aria-hidden': label ? null : 'true',
      role: label ? 'img' : null,
      'aria-label': label ? name : null,
    },
    verdict.sign,
  );
}

function verdictBadge(name) {
  return el('span', { class: `badge v-${name}` }, verdictSign(name), ' ', name);
}

const numberFormat = new Intl.NumberFormat('en');
function count(number, one, many) {
  const text = numberFormat.format(number);
  return one === undefined ? text : `${text} ${number === 1 ? one : (many ?? `${one}s`)}`;
}

function microseconds(value) {
  if (value < 1000) return `${Math.round(value)} µs`;
  if (value < 1e6) return `${(value / 1000).toPrecision(3)} ms`;
  return `${(value / 1e6).toPrecision(3)} s`;
}

function percent(part, whole) {
  const value = (100 * part) / whole;
  return value > 0 && value < 1
    ? '<1 %'
    : `${value > 99 && part < whole ? Math.floor(value) : Math.round(value)} %`;
}

/* For a shell: as it is where it is harmless, else in single quotes. */
function quoted(text) {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
