// Lets mdBook's search answer Chinese queries, and those for words like half-close.
//
// Its index is made of words between spaces, and Chinese has none: every query comes back empty. And it
// takes words with a hyphen apart, so that one for half-close finds whatever is half and closes. But the
// index carries the full text of each section, so such a query is answered by looking for its parts in
// that text. Any other goes to the index as ever.
(() => {
  // This file is loaded twice: in the head, where it must be early, and as the ordinary script that
  // makes mdBook copy it.
  if (Object.getOwnPropertyDescriptor(window, 'elasticlunr')?.set) return;

  const han = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;
  const hyphenated = /[a-z]-[a-z]/i;
  const teaserBefore = 30;
  const teaserLength = 110;

  // 0 when one of the terms is missing; a title counts for most.
  const score = (section, terms) => {
    let total = 0;
    for (const term of terms) {
      const inTitle = section.title.includes(term) ? 10 : 0;
      const inPath = section.breadcrumbs.includes(term) ? 2 : 0;
      const inBody = Math.min(5, section.body.split(term).length - 1);
      if (inTitle + inPath + inBody === 0) return 0;
      total += inTitle + inPath + inBody;
    }
    return total;
  };

  // searcher.js shows the words of the body round the hit and marks those that begin with a term:
  // hand it a short body in which the terms are words.
  const teaser = (section, terms) => {
    const start = Math.max(0, section.body.indexOf(terms[0]) - teaserBefore);
    const text = section.doc.body.slice(start, start + teaserLength);
    const spaced = terms.reduce((text, term) => text.split(term).join(` ${term} `), text);
    return (start > 0 ? '…' : '') + spaced;
  };

  const search = (sections, query) => {
    const terms = query.toLowerCase().split(/\s+/).filter(Boolean);
    return sections
      .map(section => ({ section, score: score(section, terms) }))
      .filter(hit => hit.score > 0)
      .sort((a, b) => b.score - a.score)
      .map(({ section, score }) => ({
        ref: section.ref,
        score,
        doc: { ...section.doc, body: teaser(section, terms) },
      }));
  };

  const teach = elasticlunr => {
    const load = elasticlunr.Index.load;
    elasticlunr.Index.load = data => {
      const index = load.call(elasticlunr.Index, data);
      const sections = Object.entries(data.documentStore.docs).map(([ref, doc]) => ({
        ref,
        doc,
        title: doc.title.toLowerCase(),
        breadcrumbs: doc.breadcrumbs.toLowerCase(),
        body: doc.body.toLowerCase(),
      }));
      const byWords = index.search.bind(index);
      index.search = (query, options) => (han.test(query) || hyphenated.test(query) ? search(sections, query) : byWords(query, options));
      return index;
    };
  };

  // Enter, while an input method is at work, takes its candidate, and the arrows and Escape are its own
  // as well; mdBook's shortcuts would lead away from the page. Safari tells by the number only.
  addEventListener('keydown', event => {
    if (event.isComposing || event.keyCode === 229) event.stopPropagation();
  }, true);

  // elasticlunr announces itself by setting a global: be there when it does.
  let library;
  Object.defineProperty(window, 'elasticlunr', {
    get: () => library,
    set: value => {
      library = value;
      teach(value);
    },
  });
})();
