'use strict';
/* "RFC 8446 sections 4.1.3 and D.2; RFC 5246 appendix E.1" with each section linked to its place. */

const RFC_PAGE = 'https://www.rfc-editor.org/rfc/rfc';

function sectionLink(rfc, number) {
  const kind = /^[A-Z]/.test(number) ? 'appendix' : 'section';
  return el(
    'a',
    {
      href: `${RFC_PAGE}${rfc}.html#${kind}-${number}`,
      rel: 'noopener noreferrer',
      target: '_blank',
    },
    number,
  );
}

/* The numbers that follow an RFC's name, up to the next one or to what is put in brackets. */
function linkNumbers(rfc, text) {
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(
    /(?<![\w.])(?:[A-Z](?:\.\d+)+|\d+(?:\.\d+)*|(?<=appendix )[A-Z]\b)/g,
  )) {
    nodes.push(text.slice(last, match.index), sectionLink(rfc, match[0]));
    last = match.index + match[0].length;
  }
  nodes.push(text.slice(last));
  return nodes;
}

function linkReferences(text) {
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(/RFC (\d+)([^;(]*?)(?=\(|;|,? (?:and )?RFC \d|$)/g)) {
    const [, rfc, numbers] = match;
    nodes.push(
      text.slice(last, match.index),
      el(
        'a',
        { href: `${RFC_PAGE}${rfc}.html`, rel: 'noopener noreferrer', target: '_blank' },
        `RFC ${rfc}`,
      ),
      ...linkNumbers(rfc, numbers),
    );
    last = match.index + match[0].length;
  }
  nodes.push(...linkAddresses(text.slice(last)));
  return nodes.filter(node => node !== '');
}

/* Only addresses of the web become links, whoever wrote the text. */
function linkAddresses(text) {
  return text
    .split(/(https?:\/\/[^\s;,)]+)/)
    .map(part =>
      /^https?:\/\//.test(part)
        ? el('a', { href: part, rel: 'noopener noreferrer', target: '_blank' }, part)
        : part,
    );
}
