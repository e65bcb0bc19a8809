'use strict';
/* The messages of a connection drawn as a ladder between the two ends. */

const LADDER = { width: 640, left: 96, right: 544, step: 34, top: 44 };

/* Steps as the results keep them: [who, record type, name, under protection, records?], and the length
 * of each beside them. */
async function laddersOf(run, row, detail) {
  const read = async (steps, lengths, ends) => {
    if (!detail[steps]) return null;
    const all = await run.document(detail[steps]);
    const bytes = detail[lengths] ? await run.document(detail[lengths]) : [];
    const more = all.find(step => !Array.isArray(step))?.more ?? 0;
    return { ends, steps: all.filter(Array.isArray), bytes, more };
  };
  const client = [run.word(row, 'client'), 'client'];
  const server = [run.word(row, 'server'), 'server'];
  const relay = ['relay', 'in the path'];
  const behind = await read('server-ladder', 'server-lengths', [relay, server]);
  const before = await read('ladder', 'lengths', [client, behind ? relay : server]);
  return [before, behind].filter(Boolean);
}

function stepWords([, type, name, , records], bytes) {
  const what = type === 'alert' ? `alert ${name}` : name || type.replaceAll('_', ' ');
  return {
    what: `${what}${records > 1 ? ` × ${records}` : ''}`,
    size: bytes > 0 ? `${count(bytes)} B` : '',
  };
}

/* A padlock at the sender's end: under protection. */
function lock(x, y) {
  return svg('path', {
    class: 'lock',
    d: `M${x - 4.5} ${y - 11}h9v8h-9zM${x - 2.7} ${y - 11}v-2.2a2.7 2.7 0 0 1 5.4 0v2.2`,
  });
}

function ladderStep(step, bytes, index) {
  const [who, type, , covered] = step;
  const y = LADDER.top + 26 + index * LADDER.step;
  const [from, to] = who === 'c' ? [LADDER.left, LADDER.right] : [LADDER.right, LADDER.left];
  const tip = to + (who === 'c' ? -9 : 9);
  const { what, size } = stepWords(step, bytes);
  const closing = type === 'tcp' ? ' tcp' : '';
  return svg(
    'g',
    { class: `step ${type === 'alert' ? 'alert' : ''}${covered ? ' covered' : ''}${closing}` },
    svg(
      'title',
      {},
      `${who === 'c' ? 'client' : 'server'}: ${what}${size && `, ${size}`}${covered ? ', under protection' : ', in clear'}`,
    ),
    svg('line', { x1: from, y1: y, x2: tip, y2: y }),
    svg('path', { d: `M${to} ${y}L${tip} ${y - 5}L${tip} ${y + 5}Z` }),
    svg('text', { x: (LADDER.left + LADDER.right) / 2, y: y - 6, 'text-anchor': 'middle' }, what),
    covered ? lock(from + (who === 'c' ? 14 : -14), y) : null,
    size &&
      svg(
        'text',
        {
          class: 'size',
          x: who === 'c' ? LADDER.left - 8 : LADDER.right + 8,
          y: y + 4,
          'text-anchor': who === 'c' ? 'end' : 'start',
        },
        size,
      ),
  );
}

function ladderView({ ends, steps, bytes, more }) {
  const height = LADDER.top + 26 + steps.length * LADDER.step + 8;
  const rail = x => svg('line', { class: 'rail', x1: x, y1: LADDER.top - 8, x2: x, y2: height });
  const name = (x, text, sub) => [
    svg('text', { class: 'end', x, y: 16, 'text-anchor': 'middle' }, text),
    svg('text', { class: 'size', x, y: 31, 'text-anchor': 'middle' }, sub),
  ];
  return el(
    'figure',
    { class: 'ladder' },
    svg(
      'svg',
      {
        viewBox: `0 0 ${LADDER.width} ${height}`,
        role: 'img',
        'aria-label': `${steps.length} steps on the wire`,
      },
      name(LADDER.left, ...ends[0]),
      name(LADDER.right, ...ends[1]),
      rail(LADDER.left),
      rail(LADDER.right),
      steps.map((step, index) => ladderStep(step, bytes[index] ?? 0, index)),
    ),
    more > 0 && el('p', { class: 'quiet' }, `and ${count(more)} more`),
  );
}

async function wireNumbers(run, row) {
  const speed = await run.speed();
  if (!speed['client-bytes']?.[row] && !speed['server-bytes']?.[row]) return null;
  const took = speed['handshake-us'][row];
  return el(
    'p',
    { class: 'quiet' },
    `${count(speed['client-bytes'][row], 'byte')} in ${count(speed['client-packets'][row], 'packet')} from the client, `,
    `${count(speed['server-bytes'][row], 'byte')} in ${count(speed['server-packets'][row], 'packet')} from the server`,
    took > 0 && `; the handshake took ${microseconds(took)}`,
  );
}
