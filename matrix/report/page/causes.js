'use strict';
/* What is wrong, grouped by what it comes from. */

/* The causes whose cases belong together: what is red by verdict, kind and reason, what is known by its
 * entry among the deviations. */
function groupKey(cause) {
  if (cause.red) return `red\t${cause.verdict}\t${cause.kind}\t${cause.reason}`;
  return cause.deviation === '' ? null : `known\t${cause.deviation}`;
}

/* Each group with its number of cases, an example, how many are new, and what occurs on each axis. */
function groupsOf(run) {
  const groups = new Map();
  const ofCause = run.causes.map(cause => {
    const key = groupKey(cause);
    if (key === null) return null;
    if (!groups.has(key))
      groups.set(key, {
        key,
        cause,
        red: cause.red,
        num: 0,
        example: -1,
        fresh: 0,
        words: run.axes.map(() => new Set()),
      });
    return groups.get(key);
  });
  const { cause, news } = run.columns;
  const columns = run.axes.map(name => run.columns[name]);
  for (let row = 0; row < run.rows; row++) {
    const group = ofCause[cause[row]];
    if (!group || !run.isPlanned(row)) continue;
    if (group.num++ === 0) group.example = row;
    if (news[row] === 1) group.fresh++;
    columns.forEach((values, axis) => group.words[axis].add(values[row]));
  }
  return [...groups.values()].filter(group => group.num > 0).sort(bySeverity);
}

/* What is red before what is known, then the worst, then the most. */
function bySeverity(a, b) {
  return (
    Number(b.red) - Number(a.red) ||
    VERDICT_ORDER.get(a.cause.verdict) - VERDICT_ORDER.get(b.cause.verdict) ||
    KINDS.indexOf(a.cause.kind) - KINDS.indexOf(b.cause.kind) ||
    b.num - a.num
  );
}

/* "{gnutls-openssl,…}/tls1.2/*": what the ids of a group have in common, for --select. */
function patternOf(run, group) {
  const most = 3;
  const segment = axis => {
    const words = [...group.words[axis]]
      .map(number => run.dimension[run.axes[axis]].words[number])
      .sort(NATURAL.compare);
    return words.length > most ? '*' : words.length > 1 ? `{${words.join(',')}}` : words[0];
  };
  const rest = run.head.axes
    .map((axis, index) => ({ axis, index }))
    .slice(2)
    .filter(
      ({ axis, index }) =>
        axis.ordinary === undefined || group.words[index].size > 1 || !group.words[index].has(0),
    )
    .map(({ axis, index }) =>
      axis.ordinary !== undefined && group.words[index].has(0) ? '*' : segment(index),
    );
  return `${segment(0)}-${segment(1)}/${rest.join('/')}`;
}

/* Makes the groups something to filter by: 'finding', whose words are short names for the address. */
function addFindings(run) {
  run.groups = groupsOf(run);
  const numbers = new Map(run.groups.map((group, index) => [group.key, index + 1]));
  const ofCause = Uint16Array.from(run.causes, cause => numbers.get(groupKey(cause)) ?? 0);
  const values = new Uint16Array(run.rows);
  for (let row = 0; row < run.rows; row++) values[row] = ofCause[run.columns.cause[row]];
  for (const group of run.groups) group.name = shortName(group.key);
  const dimension = {
    name: 'finding',
    label: 'finding',
    values,
    kind: 'finding',
    words: ['', ...run.groups.map(group => group.name)],
    shown: new Map(
      run.groups.map(group => [group.name, group.cause.deviation || group.cause.reason]),
    ),
  };
  run.dimensions.push(dimension);
  run.dimension.finding = dimension;
}

/* The same for the same cause in every run (FNV-1a). */
function shortName(key) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

function causeWords(cause) {
  return [cause.verdict, cause.kind].filter(Boolean).join(' ');
}
