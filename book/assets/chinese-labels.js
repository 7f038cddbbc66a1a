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

  // Tooltips and names that are read aloud, by mdBook's own words for them. 'Show hidden lines' is not
  // among them: mdBook's script reads that title back.
  const names = {
    'Change theme': '配色',
    'Copy to clipboard': '复制',
    'Next chapter': '下一章',
    'Page navigation': '前后章节',
    'Previous chapter': '上一章',
    'Print this book': '打印全书',
    'Search (`/`)': '搜索（/）',
    'Search Result Teaser': '结果摘录',
    'Search this book ...': '搜索本书……',
    'Table of contents': '目录',
    'Themes': '配色方案',
    'Toggle Searchbar': '搜索',
    'Toggle Table of Contents': '目录',
  };
  const translateNames = part => {
    for (const attribute of ['title', 'aria-label', 'placeholder']) {
      for (const one of part.querySelectorAll(`[${attribute}]`)) {
        const chinese = names[one.getAttribute(attribute)];
        if (chinese) one.setAttribute(attribute, chinese);
      }
    }
  };
  translateNames(document);

  const themes = { default_theme: '跟随系统', light: '浅色', rust: '铁锈', coal: '煤', navy: '深蓝', ayu: 'Ayu' };
  for (const [name, chinese] of Object.entries(themes)) {
    const button = document.getElementById(`mdbook-theme-${name}`);
    if (button) button.textContent = chinese;
  }

  const help = {
    'Keyboard shortcuts': '键盘快捷键',
    'Press ← or → to navigate between chapters': '<kbd>←</kbd> <kbd>→</kbd> 上一章、下一章',
    'Press S or / to search in the book': '<kbd>S</kbd> 或 <kbd>/</kbd> 搜索全书',
    'Press ? to show this help': '<kbd>?</kbd> 打开本说明',
    'Press Esc to hide this help': '<kbd>Esc</kbd> 关闭本说明',
  };
  for (const line of document.querySelectorAll('#mdbook-help-popup :is(h2, p)')) {
    const chinese = help[line.textContent.trim()];
    if (chinese) line.innerHTML = chinese;
  }

  // What is said later, in answer to the reader. A sentence in Chinese matches no pattern, so that
  // writing one does not call us for ever.
  const onChange = (parts, translate) => {
    const observer = new MutationObserver(changes => new Set(changes.map(change => change.target)).forEach(translate));
    for (const part of parts) observer.observe(part, { childList: true });
  };
  const results = document.getElementById('mdbook-searchresults');
  if (results) onChange([results], translateNames);

  const metrics = document.getElementById('mdbook-searchresults-header');
  if (metrics) {
    onChange([metrics], () => {
      const [, count, query] = /^(\d+|No) search results? for '([^]*)'[:.]$/.exec(metrics.textContent) ?? [];
      if (!count) return;
      metrics.textContent = count === 'No' ? `没有找到“${query}”。` : `“${query}”有 ${count} 条结果：`;
    });
  }

  const copied = { 'Copied!': '已复制', 'Clipboard error!': '无法复制' };
  onChange(document.querySelectorAll('.clip-button .tooltiptext'), tooltip => {
    const chinese = copied[tooltip.textContent];
    if (chinese) tooltip.textContent = chinese;
  });
})();
