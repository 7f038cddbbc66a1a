// Draws a listing's line numbers. They are the file's own and may have gaps; the build hands them over
// as ranges. They stand beside the code, so that neither copying nor searching finds them.
(() => {
  const expand = range => {
    if (range === 'x') return [''];
    const [first, last] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  };
  for (const listing of document.querySelectorAll('.listing[data-lines]')) {
    const code = listing.querySelector('pre > code');
    const numbers = document.createElement('span');
    numbers.className = 'numbers';
    numbers.setAttribute('aria-hidden', 'true');
    numbers.textContent = listing.dataset.lines.split(',').flatMap(expand).join('\n');
    code.before(numbers);
  }
})();
