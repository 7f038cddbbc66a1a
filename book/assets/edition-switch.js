// English · 中文 · 对照 in the page header: the same page in another edition, at the same heading.
// All addresses are relative, so that it works from a folder as it does from a server.
(() => {
  const editions = [
    { folder: 'en', name: 'English', lang: 'en', title: 'English' },
    { folder: 'zh-CN', name: '中文', lang: 'zh-CN', title: '中文' },
    { folder: 'bi', name: '对照', lang: 'zh-CN', title: 'English and Chinese, side by side' },
  ];
  const root = new URL(path_to_root || './', location.href);
  const here = decodeURIComponent(root.pathname).split('/').at(-2);
  // A stock mdBook builds one edition only, in a folder of another name.
  if (!editions.some(edition => edition.folder === here)) return;
  const page = location.pathname.slice(root.pathname.length);

  const remember = folder => {
    // index.html reads it. A page from a folder may have no storage.
    try { localStorage.setItem('book-edition', folder); } catch { /* then the browser's language decides */ }
  };
  remember(here);

  // The heading that the reader has reached, for whoever has scrolled there without a click.
  const place = () => {
    const passed = [...document.querySelectorAll('main :is(h2, h3, h4)[id]')]
      .filter(heading => heading.getBoundingClientRect().top < innerHeight / 3);
    if (scrollY < 50) return '';
    return passed.length ? '#' + encodeURIComponent(passed.at(-1).id) : location.hash;
  };

  const nav = document.createElement('nav');
  nav.className = 'edition-switch';
  nav.setAttribute('aria-label', 'Language · 语言');
  for (const { folder, name, lang, title } of editions) {
    const link = document.createElement('a');
    const address = new URL(`../${folder}/${page}`, root).href;
    link.href = address;
    link.textContent = name;
    link.title = title;
    link.lang = link.hreflang = lang;
    if (folder === here) link.setAttribute('aria-current', 'true');
    // Before the click, so that opening in a new tab or copying the address has it, too.
    for (const event of ['pointerdown', 'focus', 'click', 'contextmenu']) {
      link.addEventListener(event, () => { link.href = address + place(); });
    }
    link.addEventListener('click', () => remember(folder));
    nav.append(link);
  }
  document.querySelector('.right-buttons').prepend(nav);
})();
