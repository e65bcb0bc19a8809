'use strict';
/* Distributions: one line a group, its values as a shape over a logarithmic scale. */

const PLOT = { width: 900, right: 890, line: 34, top: 26, bins: 96, letter: 8.8 };

/* Values of one group, sorted; at(0.5) is the median. */
function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/* The scale is cut where hardly anything is: a case that waited for a timer would press all others
 * together. */
function logScale(groups) {
  const label = Math.min(
    400,
    Math.max(110, 16 + PLOT.letter * Math.max(...groups.map(({ text }) => text.length))),
  );
  let low = Infinity,
    high = 0;
  for (const { sorted } of groups) {
    low = Math.min(low, quantile(sorted, 0.005));
    high = Math.max(high, quantile(sorted, 0.995));
  }
  low = Math.max(low, 1) * 0.9;
  high = Math.max(high, low * 1.2) * 1.1;
  const from = Math.log(low),
    span = Math.log(high) - from;
  const share = value => Math.min(1, Math.max(0, (Math.log(Math.max(value, 1)) - from) / span));
  return { low, high, label, share, x: value => label + (PLOT.right - label) * share(value) };
}

function scaleTicks({ low, high }) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const factor of high / low > 60
      ? [1, 3]
      : high / low > 12
        ? [1, 2, 5]
        : [1, 1.5, 2, 3, 4, 5, 6, 8])
      ticks.push(factor * 10 ** power);
  return ticks.filter(tick => tick >= low && tick <= high);
}

function shapeOf(sorted, scale, y) {
  const bins = new Float64Array(PLOT.bins);
  for (const value of sorted)
    bins[Math.min(PLOT.bins - 1, Math.floor(scale.share(value) * PLOT.bins))]++;
  const most = Math.max(...bins);
  const step = (PLOT.right - scale.label) / PLOT.bins;
  const points = [...bins].map(
    (number, i) =>
      `L${(scale.label + (i + 0.5) * step).toFixed(1)} ${(y - (PLOT.line - 10) * Math.sqrt(number / most)).toFixed(1)}`,
  );
  return `M${scale.label} ${y}${points.join('')}L${PLOT.right} ${y}Z`;
}

function distributionLine({ text, sorted, href }, scale, index, unit) {
  const y = PLOT.top + (index + 1) * PLOT.line - 4;
  const [p5, median, p95] = [0.05, 0.5, 0.95].map(share => quantile(sorted, share));
  const mark = (value, name) =>
    svg('line', {
      class: name,
      x1: scale.x(value),
      x2: scale.x(value),
      y1: y - PLOT.line + 10,
      y2: y + 3,
    });
  return svg(
    'g',
    { class: 'distribution' },
    svg(
      'title',
      {},
      `${text}: ${count(sorted.length, 'case')}; median ${unit(median)}, 5 % below ${unit(p5)}, 5 % above ${unit(p95)}`,
    ),
    svg('path', { class: 'shape', d: shapeOf(sorted, scale, y) }),
    svg('line', { class: 'range', x1: scale.x(p5), x2: scale.x(p95), y1: y, y2: y }),
    mark(median, 'median'),
    svg('a', { href }, svg('text', { x: scale.label - 8, y: y - 8, 'text-anchor': 'end' }, text)),
    svg(
      'text',
      { class: 'size', x: scale.label - 8, y: y + 5, 'text-anchor': 'end' },
      `${unit(median)} · ${count(sorted.length)}`,
    ),
  );
}

/* groups: [{text, sorted, href}] */
function distributionPlot(groups, unit, label) {
  const scale = logScale(groups);
  const height = PLOT.top + groups.length * PLOT.line + 10;
  const ticks = scaleTicks(scale).map(tick =>
    svg(
      'g',
      { class: 'tick' },
      svg('line', { x1: scale.x(tick), x2: scale.x(tick), y1: PLOT.top - 4, y2: height }),
      svg('text', { x: scale.x(tick), y: 14, 'text-anchor': 'middle' }, unit(tick)),
    ),
  );
  return el(
    'figure',
    { class: 'plot' },
    svg(
      'svg',
      { viewBox: `0 0 ${PLOT.width} ${height}`, role: 'img', 'aria-label': label },
      ticks,
      groups.map((group, index) => distributionLine(group, scale, index, unit)),
    ),
  );
}
