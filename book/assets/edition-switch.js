// English · 中文 · 对照 in the page header: the same page in another edition, at the same heading.
// All addresses are relative, so that it works from a folder as it does from a server.
(() => {
  const sideBySide = { en: 'English and Chinese, side by side', 'zh-CN': '中英逐段对照' };
  const editions = [
    { folder: 'en', name: 'English', lang: 'en' },
    { folder: 'zh-CN', name: '中文', lang: 'zh-CN' },
    { folder: 'bi', name: '对照', lang: 'zh-CN', title: sideBySide },
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

  const top = heading => heading.getBoundingClientRect().top;
  const target = () => location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  // Where the address has led, so that whoever has hardly scrolled since is still there: a heading
  // near the page's end never comes to the top, and the one after a short section is close behind it.
  // By the heading's own place: a stage above it may have grown, and the page have scrolled for that.
  let arrived;
  const arrive = () => { arrived = target() ? top(target()) : NaN; };
  arrive();
  for (const event of ['load', 'pageshow', 'hashchange']) addEventListener(event, arrive);

  // The heading that the reader has reached, for whoever has scrolled there without a click.
  const place = () => {
    const place = target() ? top(target()) : NaN;
    if (Math.abs(place - arrived) < innerHeight / 4 && place > -1 && place < innerHeight) return location.hash;
    if (scrollY < 50) return '';
    const passed = [...document.querySelectorAll('main :is(h2, h3, h4)[id]')]
      .filter(heading => top(heading) < innerHeight / 3);
    // One that stands at the top is being read, even if its section ends above the next one's mark.
    const reached = passed.find(heading => top(heading) > -1) ?? passed.at(-1);
    return reached ? '#' + encodeURIComponent(reached.id) : '';
  };

  const language = document.documentElement.lang;
  const nav = document.createElement('nav');
  nav.className = 'edition-switch';
  nav.setAttribute('aria-label', here === 'bi' ? 'Language · 语言' : language.startsWith('zh') ? '语言' : 'Language');
  for (const { folder, name, lang, title } of editions) {
    const link = document.createElement('a');
    const address = new URL(`../${folder}/${page}`, root).href;
    link.href = address;
    link.textContent = name;
    if (title) link.title = title[language];
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
