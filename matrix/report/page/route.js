'use strict';
/* Where the reader is stands in the address behind '#': a view, and what is chosen there. Whoever gets
 * the address sees the same. "#matrix?rows=client&columns=suite&version=tls1.3" */

function readRoute() {
  const [view, query] = location.hash.slice(1).split(/\?(.*)/s);
  return { view: view || 'overview', params: new URLSearchParams(query ?? '') };
}

function address(view, params) {
  const pairs =
    params instanceof URLSearchParams
      ? [...params]
      : Object.entries(params ?? {}).flatMap(([name, value]) =>
          [value].flat().map(word => [name, word]),
        );
  const query = new URLSearchParams(
    pairs.filter(([, value]) => value !== undefined && value !== null),
  ).toString();
  return `#${view}${query ? `?${query}` : ''}`;
}

function filtersOf(run, params) {
  const filters = {};
  for (const { name } of run.dimensions) {
    const words = params.getAll(name);
    if (words.length > 0) filters[name] = words;
  }
  return filters;
}

function selectionOf(run, params) {
  return new Selection(
    run,
    filtersOf(run, params),
    params.get('text') ?? '',
    params.get('twins') === '1',
  );
}

/* What of a route narrows the cases down, to be carried to another view. */
function narrowing(run, params) {
  return new URLSearchParams(
    [...params].filter(([name]) => run.dimension[name] || name === 'text' || name === 'twins'),
  );
}

function withWord(params, name, word, chosen) {
  const words = params.getAll(name).filter(other => other !== word);
  const next = new URLSearchParams([...params].filter(([other]) => other !== name));
  for (const each of chosen ? [...words, word] : words) next.append(name, each);
  return next;
}

function withOnly(params, changes) {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    next.delete(name);
    for (const word of [value].flat())
      if (word !== null && word !== undefined && word !== '') next.append(name, word);
  }
  return next;
}
