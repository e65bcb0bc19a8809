'use strict';
/* The panel that narrows cases down, the same for every view that counts cases. Every choice is a link
 * or a box that changes the address; nothing else remembers it. */

const NATURAL = new Intl.Collator('en', { numeric: true });
const GROUPS = [
  ['judgement', 'Judgement'],
  ['axis', 'Axes'],
  ['fact', 'Facts'],
];
const FACET_SHOWN = 12; /* words of one facet before "more" */

function go(view, params) {
  location.hash = address(view, params);
}

/* "version tls1.3 ✕": what is chosen now. */
function activeFilters(run, view, params) {
  const chips = [...narrowing(run, params)].map(([name, word]) => {
    const without =
      name === 'text' || name === 'twins'
        ? withOnly(params, { [name]: null })
        : withWord(params, name, word, false);
    const shown =
      name === 'twins'
        ? 'with healthy twins'
        : (run.dimension[name]?.shown?.get(word) ?? (word === '' ? 'none' : word));
    return el(
      'a',
      {
        class: 'chip',
        href: address(view, without),
        'aria-label': `Remove the filter ${labelOf(name)} ${shown}`,
      },
      name === 'twins' ? null : el('span', { class: 'chip-name' }, labelOf(name)),
      shown,
      el('span', { class: 'chip-end', 'aria-hidden': 'true' }, '✕'),
    );
  });
  const rest = new URLSearchParams(
    [...params].filter(([name]) => !narrowing(run, params).has(name)),
  );
  if (chips.length > 1)
    chips.push(el('a', { class: 'chip plain', href: address(view, rest) }, 'clear all'));
  return el('div', { class: 'chips' }, chips);
}

function textFilter(run, view, params) {
  const input = el('input', {
    type: 'search',
    id: 'text-filter',
    value: params.get('text') ?? '',
    placeholder: 'words, or */tls1.3/*',
    'aria-label': 'Cases with these words, or of this pattern',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const apply = () => go(view, withOnly(params, { text: input.value.trim() }));
  input.addEventListener('change', apply);
  return el(
    'form',
    {
      class: 'text-filter',
      role: 'search',
      onsubmit: event => {
        event.preventDefault();
        apply();
      },
    },
    input,
  );
}

function facetWord(view, params, name, word, number, chosen) {
  return el(
    'label',
    { class: `facet-word${number === 0 ? ' nothing' : ''}` },
    el('input', {
      type: 'checkbox',
      checked: chosen,
      'data-filter': name,
      value: word,
      onchange: event => go(view, withWord(params, name, word, event.target.checked)),
    }),
    name === 'verdict' ? verdictSign(word) : null,
    el('span', { class: 'facet-text' }, word === '' ? 'none' : word),
    el('span', { class: 'facet-count' }, count(number)),
  );
}

/* A long list begins with what is chosen and with what most cases have. */
function facetOrder(words, counts, chosen) {
  const order = [...words.keys()].filter(
    index => counts[index] > 0 || chosen.includes(words[index]),
  );
  const natural = (a, b) => NATURAL.compare(words[a], words[b]);
  if (order.length <= FACET_SHOWN + 3) return order.sort(natural);
  const first = index => Number(chosen.includes(words[index]));
  return order.sort((a, b) => first(b) - first(a) || counts[b] - counts[a] || natural(a, b));
}

function facetWords(selection, view, params, name) {
  const { words } = selection.run.dimension[name];
  const chosen = params.getAll(name);
  const counts = selection.facet(name);
  const given = name === 'verdict' || name === 'kind' || name === 'news';
  const order = given
    ? [...words.keys()].filter(index => counts[index] > 0 || chosen.includes(words[index]))
    : facetOrder(words, counts, chosen);
  const items = order.map(index =>
    facetWord(view, params, name, words[index], counts[index], chosen.includes(words[index])),
  );
  if (items.length <= FACET_SHOWN + 3) return items;
  const rest = items.slice(FACET_SHOWN);
  const more = el('details', { class: 'more' }, el('summary', {}, `${rest.length} more`), rest);
  return [...items.slice(0, FACET_SHOWN), more];
}

const openFacets = new Set(['verdict']);

/* Its counts are only made when it is opened. */
function facet(selection, view, params, dimension) {
  const { name, label } = dimension;
  const body = el('div', { class: 'facet-words' });
  const show = () => body.replaceChildren(...facetWords(selection, view, params, name));
  const open = openFacets.has(name) || params.has(name);
  if (open) show();
  return el(
    'details',
    {
      class: 'facet',
      'data-facet': name,
      open,
      ontoggle: event => {
        if (event.target !== event.currentTarget) return;
        if (event.target.open) openFacets.add(name);
        else openFacets.delete(name);
        if (event.target.open && body.childElementCount === 0) show();
      },
    },
    el('summary', {}, label),
    body,
  );
}

/* A dimension with one word in the whole run narrows nothing. */
function facets(selection, view, params) {
  return GROUPS.map(([kind, title]) => {
    const some = selection.run.dimensions.filter(
      dimension => dimension.kind === kind && dimension.words.length > 1,
    );
    return [el('h3', {}, title), some.map(dimension => facet(selection, view, params, dimension))];
  });
}

function twinsBox(selection, view, params) {
  return el(
    'label',
    { class: 'facet-word' },
    el('input', {
      type: 'checkbox',
      checked: params.get('twins') === '1',
      onchange: event => go(view, withOnly(params, { twins: event.target.checked ? '1' : null })),
    }),
    el('span', { class: 'facet-text' }, 'with healthy twins run besides'),
  );
}

/* The panel beside `content`; on a narrow screen it is folded above it. */
function withFilters(selection, view, params, content) {
  const wide = matchMedia('(min-width: 60rem)').matches;
  const panel = el(
    'details',
    {
      class: 'filters',
      open: wide || withFilters.unfolded,
      ontoggle: event => {
        if (event.target === event.currentTarget && !wide) withFilters.unfolded = event.target.open;
      },
    },
    el('summary', {}, 'Filters'),
    el(
      'div',
      { class: 'filters-inside' },
      textFilter(selection.run, view, params),
      facets(selection, view, params),
      twinsBox(selection, view, params),
    ),
  );
  return el(
    'div',
    { class: 'with-filters' },
    panel,
    el('div', { class: 'filtered' }, activeFilters(selection.run, view, params), content),
  );
}

/* A bar of all verdicts of some cases, each part as wide as its share, and its legend. */
function verdictBar(run, counts, link) {
  const all = counts.reduce((sum, number) => sum + number, 0);
  const present = VERDICTS.map((verdict, index) => ({ ...verdict, number: counts[index] })).filter(
    ({ number }) => number > 0,
  );
  return el(
    'div',
    { class: 'verdicts' },
    el(
      'div',
      { class: 'bar', 'aria-hidden': 'true' },
      present.map(({ name, number }) =>
        el('span', { class: `part v-${name}`, vars: { '--share': number / all } }),
      ),
    ),
    el(
      'ul',
      { class: 'legend' },
      present.map(({ name, number, text }) =>
        el(
          'li',
          {},
          el(
            'a',
            { href: link(name), title: text, class: 'legend-item' },
            verdictSign(name),
            el('b', {}, count(number)),
            ` ${name}`,
            el('span', { class: 'share' }, percent(number, all)),
          ),
        ),
      ),
    ),
  );
}
