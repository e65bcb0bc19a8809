'use strict';
/* The page: unpacks the run, and draws the view that the address names whenever it changes. */

const VIEWS = {
  overview: { title: 'Overview', draw: overview },
  matrix: { title: 'Matrix', draw: matrixView },
  cases: { title: 'Cases', draw: casesView },
  stack: { title: 'Stacks', draw: stackView },
  speed: { title: 'Speed', draw: speedView },
  case: { draw: caseView },
};

function drawMenu(run, { view, params }) {
  const menu = Object.entries(VIEWS).filter(([, { title }]) => title);
  document.getElementById('nav').replaceChildren(
    ...menu.map(([name, { title }]) =>
      el(
        'a',
        {
          href: address(
            name,
            ['matrix', 'cases', 'speed'].includes(name) ? narrowing(run, params) : {},
          ),
          'aria-current': name === view || (name === 'cases' && view === 'case') ? 'page' : null,
        },
        title,
      ),
    ),
  );
}

/* A view that is drawn anew because of a filter keeps the reader's place and focus. */
function focusMark() {
  const active = document.activeElement;
  if (active?.id) return `#${CSS.escape(active.id)}`;
  if (active?.dataset?.filter)
    return `[data-filter="${CSS.escape(active.dataset.filter)}"][value="${CSS.escape(active.value)}"]`;
  return null;
}

async function draw(run) {
  const route = readRoute();
  const { draw: view } = VIEWS[route.view] ?? VIEWS.overview;
  const main = document.getElementById('main');
  const same = draw.last === route.view,
    mark = same ? focusMark() : null,
    scrolled = window.scrollY;
  const turn = (draw.turn = (draw.turn ?? 0) + 1);
  main.dataset.turn = turn;
  const begun = performance.now();
  const nodes = await view(run, route.params);
  if (turn !== draw.turn) return; /* the reader has gone on */
  drawMenu(run, route);
  fill(main, {}, []).replaceChildren(...[nodes].flat(Infinity).filter(Boolean));
  main.dataset.drawnMs = (performance.now() - begun).toFixed(1);
  main.dataset.drawn = turn;
  document.title = `${main.querySelector('h1')?.textContent ?? 'tlsmatrix'} · tlsmatrix`;
  window.scrollTo(0, same ? scrolled : 0);
  if (mark) main.querySelector(mark)?.focus();
  else if (draw.last !== undefined && !same) main.focus({ preventScroll: true });
  draw.last = route.view;
}

async function begin() {
  const main = document.getElementById('main');
  if (typeof DecompressionStream === 'undefined') {
    main.textContent =
      'This browser cannot unpack the cases: it knows no DecompressionStream. Any browser since 2023 does.';
    return;
  }
  const run = (window.theRun = await Run.load());
  run.numPlanned = new Selection(run, {}).num;
  addFindings(run);
  window.addEventListener('hashchange', () => draw(run));
  document.addEventListener('keydown', onKey);
  document.getElementById('help').addEventListener('click', showHelp);
  await draw(run);
  main.dataset.ready = performance.now().toFixed(0);
}

begin().catch(error => {
  const main = document.getElementById('main');
  main.replaceChildren(el('h1', {}, 'The report cannot be read'), el('p', {}, String(error)));
  throw error;
});
