'use strict';
/* Which cases a set of filters leaves, and counts over them. All of it is loops over typed arrays, so
 * that half a million cases answer at once. */

/* filters: {dimension: [words]}; within one any of the words, between them all. `twins`: with the
 * cases that were run only to support a refusal. */
class Selection {
  constructor(run, filters, text = '', twins = false) {
    this.run = run;
    this.active = Object.entries(filters).filter(
      ([name, words]) => words.length > 0 && run.dimension[name],
    );
    this.miss = this.firstPass(twins);
    if (text !== '') this.keepText(text);
    this.num = 0;
    for (let row = 0; row < run.rows; row++) if (this.miss[row] === 0) this.num++;
  }

  /* miss[row]: 0 the case is in; i + 1 it fails filter i alone; 255 it is out. */
  firstPass(twins) {
    const { rows, columns } = this.run;
    const miss = new Uint8Array(rows);
    if (!twins)
      for (let row = 0; row < rows; row++)
        if (!(columns.flags[row] & FLAG_PLANNED)) miss[row] = 255;
    this.active.forEach(([name, words], index) => {
      const { words: all, values } = this.run.dimension[name];
      const allowed = Uint8Array.from(all, word => (words.includes(word) ? 1 : 0));
      for (let row = 0; row < rows; row++)
        if (allowed[values[row]] === 0) miss[row] = miss[row] === 0 ? index + 1 : 255;
    });
    return miss;
  }

  /* Every word typed has to be part of a value of some axis, or of what was said of the case; with a
   * slash or a star it is a pattern over the id. */
  keepText(text) {
    for (const term of text.toLowerCase().split(/\s+/).filter(Boolean)) {
      const matches = /[/*{]/.test(term) ? this.matchIds(globPattern(term)) : this.matchWords(term);
      for (let row = 0; row < this.run.rows; row++) if (matches[row] === 0) this.miss[row] = 255;
    }
  }

  /* Spells the ids of those that are still in. */
  matchIds(pattern) {
    const hits = new Uint8Array(this.run.rows);
    for (let row = 0; row < hits.length; row++)
      if (this.miss[row] !== 255 && pattern.test(this.run.id(row))) hits[row] = 1;
    return hits;
  }

  /* Most axes have no word with the term in it, and cost nothing. */
  matchWords(term) {
    const { run } = this;
    const has = word => (word.toLowerCase().includes(term) ? 1 : 0);
    const said = ({ reason, deviation, kind }) => has(`${reason}\n${deviation}\n${kind}`);
    const tables = [
      ...run.axes.map(name => [run.columns[name], run.dimension[name].words.map(has)]),
      [run.columns.cause, run.causes.map(said)],
    ];
    const hits = new Uint8Array(run.rows);
    for (const [values, found] of tables) {
      if (!found.includes(1)) continue;
      const hit = Uint8Array.from(found);
      for (let row = 0; row < hits.length; row++) hits[row] |= hit[values[row]];
    }
    return hits;
  }

  /* Of each word of a dimension, how many cases there would be if it were chosen. */
  facet(name) {
    const { words, values } = this.run.dimension[name];
    const counts = new Uint32Array(words.length);
    const own = this.active.findIndex(([filter]) => filter === name) + 1;
    const { miss } = this;
    for (let row = 0; row < miss.length; row++)
      if (miss[row] === 0 || (own > 0 && miss[row] === own)) counts[values[row]]++;
    return counts;
  }

  /* Counts by verdict of each pair of words: [(row word * columns + column word) * verdicts + verdict]. */
  cross(rowName, columnName) {
    const a = this.run.dimension[rowName],
      b = this.run.dimension[columnName];
    const verdict = this.run.columns.verdict;
    const counts = new Uint32Array(a.words.length * b.words.length * VERDICTS.length);
    const { miss } = this;
    for (let row = 0; row < miss.length; row++)
      if (miss[row] === 0)
        counts[(a.values[row] * b.words.length + b.values[row]) * VERDICTS.length + verdict[row]]++;
    return counts;
  }

  verdicts() {
    const counts = new Uint32Array(VERDICTS.length);
    const verdict = this.run.columns.verdict;
    for (let row = 0; row < this.miss.length; row++)
      if (this.miss[row] === 0) counts[verdict[row]]++;
    return counts;
  }

  /* Up to `most` rows from the first on that is not before `from`. */
  rowsFrom(from, most) {
    const rows = [];
    for (let row = from; row < this.miss.length && rows.length < most; row++)
      if (this.miss[row] === 0) rows.push(row);
    return rows;
  }
}

/* As --select has it: '*' crosses '/', "{a,b}" is either; what stands around it may be left out. */
function globPattern(glob) {
  let depth = 0;
  const source = glob.replace(/^\*+|\*+$/g, '').replace(/[.*+?^${}()|[\]\\,]/g, sign => {
    if (sign === '*') return '.*';
    if (sign === '?') return '.';
    if (sign === '{') return (depth++, '(?:');
    if (sign === '}' && depth > 0) return (depth--, ')');
    if (sign === ',') return depth > 0 ? '|' : ',';
    return `\\${sign}`;
  });
  return new RegExp(source + ')'.repeat(depth), 'i');
}
