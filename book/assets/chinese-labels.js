// What mdBook itself says, in Chinese: the titles of boxed remarks, and the page's own controls.
(() => {
  const boxes = { Note: '注意', Tip: '提示', Important: '重点', Warning: '警告', Caution: '当心' };
  for (const title of document.querySelectorAll('.blockquote-tag-title')) {
    const word = [...title.childNodes].find(node => node.nodeType === Node.TEXT_NODE);
    const chinese = boxes[word?.data.trim()];
    if (!chinese) continue;
    if (title.closest('[lang|="zh"]')) {
      word.data = chinese;
    } else if (title.parentElement.querySelector(':scope > .zh')) {
      // Side by side, one box holds both languages.
      word.data = `${word.data.trim()} · ${chinese}`;
    }
  }

  if (!document.documentElement.lang.startsWith('zh')) return;
  const controls = {
    'mdbook-sidebar-toggle': '目录',
    'mdbook-theme-toggle': '配色',
    'mdbook-search-toggle': '搜索（/）',
  };
  for (const [id, title] of Object.entries(controls)) {
    const control = document.getElementById(id);
    control?.setAttribute('title', title);
    control?.setAttribute('aria-label', title);
  }
  document.getElementById('mdbook-searchbar')?.setAttribute('placeholder', '搜索本书……');
  const themes = { default_theme: '跟随系统', light: '浅色', rust: '铁锈', coal: '煤', navy: '深蓝', ayu: 'Ayu' };
  for (const [name, chinese] of Object.entries(themes)) {
    const button = document.getElementById(`mdbook-theme-${name}`);
    if (button) button.textContent = chinese;
  }
})();
