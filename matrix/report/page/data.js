'use strict';
/* The run's data: chunks of the file are unpacked when they are needed, and not before. Columns are
 * typed arrays, one number a case; the words that numbers stand for are in the head. */

function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function unpack(id) {
  const packed = fromBase64(document.getElementById(id).textContent);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function unpackText(id) {
  return new TextDecoder().decode(await unpack(id));
}

/* A column's bytes stand in planes: the lowest byte of every row, then the next. */
function joinPlanes(bytes, start, width, rows) {
  if (width === 1) return bytes.subarray(start, start + rows);
  const out =
    width === 0
      ? new Uint8Array(rows)
      : width === 2
        ? new Uint16Array(rows)
        : new Uint32Array(rows);
  for (let plane = 0; plane < width; plane++) {
    const from = start + plane * rows;
    const factor = 2 ** (8 * plane);
    for (let row = 0; row < rows; row++) out[row] += bytes[from + row] * factor;
  }
  return out;
}

function readColumns(bytes, columns, rows) {
  const out = {};
  let start = 0;
  for (const column of columns) {
    out[column.name] = joinPlanes(bytes, start, column.width, rows);
    start += column.width * rows;
  }
  return out;
}

const NEWS = ['same verdict', 'new failure', 'fixed', 'other verdict', 'new case'];
const FLAG_PLANNED = 1,
  FLAG_CAPTURED = 2,
  FLAG_EXPORTER_SHIFT = 2;

class Run {
  static async load() {
    const run = new Run();
    run.head = JSON.parse(await unpackText('head'));
    run.rows = run.head.rows;
    run.columns = readColumns(await unpack('cases'), run.columnsOf('cases'), run.rows);
    run.addVerdicts();
    run.addDimensions();
    run.blocks = new Map();
    return run;
  }

  columnsOf(part) {
    return this.head.columns.filter(column => column.part === part);
  }

  wordsOf(name) {
    return this.head.columns.find(column => column.name === name).words;
  }

  /* Each cause is a verdict with all that was said of it; many cases share one. */
  addVerdicts() {
    const red = new Set(this.head.red);
    this.causes = this.wordsOf('cause').map((text, number) => {
      const [verdict, kind, check, deviation, ...reason] = text.split('\t');
      return { verdict, kind, check, deviation, reason: reason.join('\t'), red: red.has(number) };
    });
    const deviations = [...new Set(this.causes.map(cause => cause.deviation))].sort();
    this.deviationWords = deviations;
    this.derive('verdict', cause => VERDICT_ORDER.get(cause.verdict));
    this.derive('kind', cause => KINDS.indexOf(cause.kind));
    this.derive('deviation', cause => deviations.indexOf(cause.deviation));
    this.redCause = Uint8Array.from(this.causes, cause => (cause.red ? 1 : 0));
    this.addNews();
  }

  /* A column that follows from the cause alone. */
  derive(name, ofCause) {
    const numbers = Uint16Array.from(this.causes, ofCause);
    const cause = this.columns.cause;
    const out = name === 'deviation' ? new Uint16Array(this.rows) : new Uint8Array(this.rows);
    for (let row = 0; row < this.rows; row++) out[row] = numbers[cause[row]];
    this.columns[name] = out;
  }

  addNews() {
    const { cause, was, flags } = this.columns;
    const news = (this.columns.news = new Uint8Array(this.rows));
    this.numCommon = 0; // planned cases that the run before has as well
    if (!this.head.against) return;
    for (let row = 0; row < this.rows; row++) {
      if (was[row] !== 0 && flags[row] & FLAG_PLANNED) this.numCommon++;
      if (was[row] === 0) news[row] = this.redCause[cause[row]] ? 1 : 4;
      else if (this.redCause[cause[row]] && !this.redCause[was[row] - 1]) news[row] = 1;
      else if (!this.redCause[cause[row]] && this.redCause[was[row] - 1]) news[row] = 2;
      else if (this.causes[cause[row]].verdict !== this.causes[was[row] - 1].verdict) news[row] = 3;
    }
  }

  /* What can be filtered by, and what a matrix can be made of. */
  addDimensions() {
    const facts = [
      'fault',
      'got-version',
      'got-suite',
      'got-group',
      'client-ended',
      'server-ended',
      'client-alert',
      'server-alert',
      'client-told',
      'server-told',
    ];
    const named = (name, words, kind) => ({
      name,
      label: labelOf(name),
      words,
      values: this.columns[name],
      kind,
    });
    this.axes = this.head.axes.map(axis => axis.name);
    this.dimensions = [
      named(
        'verdict',
        VERDICTS.map(verdict => verdict.name),
        'judgement',
      ),
      named('kind', KINDS, 'judgement'),
      named('deviation', this.deviationWords, 'judgement'),
      ...(this.head.against ? [named('news', NEWS, 'judgement')] : []),
      ...this.axes.map(name => named(name, this.wordsOf(name), 'axis')),
      ...facts.map(name => named(name, this.wordsOf(name), 'fact')),
    ];
    this.dimension = Object.fromEntries(
      this.dimensions.map(dimension => [dimension.name, dimension]),
    );
  }

  cause(row) {
    return this.causes[this.columns.cause[row]];
  }

  word(row, name) {
    return this.dimension[name].words[this.columns[name][row]];
  }

  isPlanned(row) {
    return (this.columns.flags[row] & FLAG_PLANNED) !== 0;
  }

  /* What ids are made of, laid out for loops over all rows. Number 0 of an optional axis is its ordinary
   * value, which an id leaves out. */
  get idParts() {
    this.parts ??= this.head.axes.map(axis => ({
      ...this.dimension[axis.name],
      left: axis.ordinary === undefined ? -1 : 0,
    }));
    return this.parts;
  }

  id(row) {
    const parts = this.idParts;
    let id = `${parts[0].words[parts[0].values[row]]}-${parts[1].words[parts[1].values[row]]}`;
    for (let i = 2; i < parts.length; i++) {
      const number = parts[i].values[row];
      if (number !== parts[i].left) id += `/${parts[i].words[number]}`;
    }
    const repeat = this.columns.repeat[row];
    return repeat > 0 ? `${id}#${repeat}` : id;
  }

  /* The row of an id, -1 if it is not there. Only ids whose first axes fit are spelt. */
  find(id) {
    const [pair, ...rest] = id.split('#')[0].split('/');
    const { words } = this.dimension.client;
    const client = words.findIndex(word => words.some(other => `${word}-${other}` === pair));
    const server = words.findIndex(word => `${words[client]}-${word}` === pair);
    const firsts = [
      client,
      server,
      ...rest.slice(0, 6).map((word, i) => this.numberOf(this.axes[i + 2], word)),
    ];
    const columns = firsts.map((_, i) => this.columns[this.axes[i]]);
    for (let row = 0; row < this.rows; row++) {
      let axis = 0;
      while (axis < firsts.length && columns[axis][row] === firsts[axis]) axis++;
      if (axis === firsts.length && this.id(row) === id) return row;
    }
    return -1;
  }

  numberOf(name, word) {
    return this.dimension[name].words.indexOf(word);
  }

  captureName(row) {
    if (!(this.columns.flags[row] & FLAG_CAPTURED)) return null;
    return (
      this.head.capture_names[row] ??
      `${this.id(row).replaceAll('/', '_').replaceAll(':', '~')}.pcapng`
    );
  }

  async speed() {
    this.speedColumns ??= readColumns(await unpack('speed'), this.columnsOf('speed'), this.rows);
    return this.speedColumns;
  }

  /* The block of numbers that belong to a row: expectation, facts, …. */
  async detail(row) {
    const size = this.head.detail_rows;
    const number = Math.floor(row / size);
    const rows = Math.min(size, this.rows - number * size);
    const block = await this.block(`details-${number}`, async id =>
      readColumns(await unpack(id), this.columnsOf('details'), rows),
    );
    return Object.fromEntries(
      Object.entries(block).map(([name, values]) => [name, values[row - number * size]]),
    );
  }

  block(id, read) {
    if (!this.blocks.has(id)) this.blocks.set(id, read(id));
    return this.blocks.get(id);
  }

  /* A JSON document by its number, null for 0. */
  async document(number) {
    if (number === 0) return null;
    const firsts = this.head.documents;
    let block = firsts.length - 1;
    while (firsts[block] > number) block--;
    const lines = await this.block(`documents-${block}`, async id =>
      (await unpackText(id)).split('\n'),
    );
    return JSON.parse(lines[number - firsts[block]]);
  }
}
