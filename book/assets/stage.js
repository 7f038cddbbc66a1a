// <io-stage>: a server to be played with. The model of kernel and server is a WebAssembly module, which
// stage-module.js holds; here are the buttons. Without a script, or in print, a still picture stands there.
(() => {
  const WORDS = {
    en: {
      next: 'Next', play: 'Go on', pause: 'Pause', call: 'One call', back: 'Back', restart: 'Restart',
      speed: 'Speed', client: 'Client', hand: 'You are the clients', code: 'The program, and where it is',
      counters: 'Counted', calls: 'system calls', vain: 'of them in vain', looked_at: 'descriptors looked at',
      wake_ups: 'wake-ups', runners: 'processes and threads', held: 'bytes held for clients',
      free: 'Now it is your hand. Restart brings the story back.',
      end: 'The end of the story. Go on by hand: you are the clients.',
      acts: {
        connect: 'connect', half: 'half a line', line: 'a line', burst: 'three lines', block: '64 KiB',
        pause: 'stop reading', resume: 'read again', 'half-close': 'half-close', reset: 'reset',
      },
    },
    zh: {
      next: '下一步', play: '继续', pause: '暂停', call: '单个调用', back: '后退', restart: '重来',
      speed: '速度', client: '客户端', hand: '你来当客户端', code: '程序，以及它执行到哪里',
      counters: '计数', calls: '系统调用', vain: '其中落空的', looked_at: '内核查看的描述符',
      wake_ups: '唤醒次数', runners: '进程和线程', held: '为客户端保存的字节',
      free: '现在由你操作。按“重来”回到故事。',
      end: '故事到此结束。接下来由你操作：你来当客户端。',
      acts: {
        connect: '连接', half: '半行', line: '一行', burst: '三行', block: '64 KiB',
        pause: '停止读取', resume: '恢复读取', 'half-close': '半关闭', reset: '重置',
      },
    },
  };
  // How many calls one act may lead to: more than any strategy needs, fewer than a page feels.
  const CALLS = 2000;
  const still = matchMedia('(prefers-reduced-motion: reduce)');

  // One compilation for all stages of a page. A page that lies in a folder can fetch nothing: the bytes are
  // here.
  let compiled;
  const compile = () => compiled ??= (async () => {
    const bytes = Uint8Array.from(atob(window.ioStageModule), letter => letter.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return WebAssembly.compile(await new Response(plain).arrayBuffer());
  })();

  // A scene: a request goes in, a view comes out.
  const scene = async () => {
    const { exports } = await WebAssembly.instantiate(await compile(), {});
    return request => {
      const bytes = new TextEncoder().encode(request);
      const room = exports.room(bytes.length);
      new Uint8Array(exports.memory.buffer, room, bytes.length).set(bytes);
      const length = exports.call();
      const answer = new Uint8Array(exports.memory.buffer, exports.text(), Math.abs(length));
      const text = new TextDecoder().decode(answer);
      if (length < 0) throw new Error(text);
      return JSON.parse(text);
    };
  };

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else if (value !== false) element.setAttribute(name, value === true ? '' : value);
    }
    element.append(...children);
    return element;
  };

  customElements.define('io-stage', class extends HTMLElement {
    async connectedCallback() {
      // On the page for the printer, the still picture is the right one.
      if (this.story || location.pathname.endsWith('/print.html')) return;
      this.story = JSON.parse(this.querySelector('script').textContent);
      const language = this.dataset.language;
      this.words = WORDS[language === 'zh' ? 'zh' : 'en'];
      this.isBoth = language === 'bi';
      this.delay = 700;
      this.scenes = await Promise.all(this.story.strategies.map(scene));
      // The page's own keys would turn it over, or open the search.
      this.addEventListener('keydown', event => event.stopPropagation());
      this.build();
      this.restart();
      this.dataset.ready = '';
    }

    // What the story says, in the page's language, or in both.
    say(text) {
      if (!this.isBoth) return [text[this.words === WORDS.zh ? 'zh' : 'en']];
      return [make('span', { lang: 'en' }, text.en), make('br'), make('span', { lang: 'zh-CN' }, text.zh)];
    }

    build() {
      const words = this.words;
      const button = (name, act) => make('button', { type: 'button', class: `stage-${name}`, onclick: act }, words[name]);
      this.caption = make('div', { class: 'stage-caption', 'aria-live': 'polite' });
      this.question = make('div', { class: 'stage-question', hidden: true });
      this.spoken = make('p', { class: 'stage-said', role: 'status' });
      this.panes = this.story.strategies.map(strategy => {
        const picture = make('div', { class: 'stage-picture' });
        const code = make('pre', { class: 'stage-code', 'aria-label': words.code, tabindex: '0' });
        for (const line of strategy.code) {
          const row = make('span', { class: 'stage-line' }, line.text || ' ');
          row.places = line.at;
          code.append(row);
        }
        picture.addEventListener('click', event => {
          const client = event.target.closest('[data-client]')?.dataset.client;
          if (client) this.click(Number(client));
        });
        const title = make('p', { class: 'stage-name' }, make('code', {}, strategy.name));
        const listing = make('details', { class: 'stage-listing', open: this.story.strategies.length === 1 },
          make('summary', {}, `${words.code}${this.words === WORDS.zh ? '：' : ': '}`, make('code', {}, strategy.name)), code);
        return { picture, code, listing, view: null, element: make('div', { class: 'stage-pane' }, title, picture) };
      });
      this.nextButton = button('next', () => this.isPlaying ? this.stop() : this.next());
      const speed = make('input', { type: 'range', min: '1', max: '10', value: '4', 'aria-label': words.speed });
      speed.addEventListener('input', () => { this.delay = 2400 / speed.value ** 1.3; });
      this.callButton = button('call', () => { this.stop(); this.beat(); });
      this.backButton = button('back', () => { this.stop(); this.back(); });
      const controls = make('div', { class: 'stage-controls' }, this.nextButton, this.callButton, this.backButton,
        button('restart', () => this.restart()), make('label', {}, words.speed, ' ', speed));
      this.counted = make('table', { class: 'stage-counters' });
      this.append(this.caption, this.question, make('div', { class: 'stage-panes' }, ...this.panes.map(it => it.element)),
        this.spoken, controls, ...this.panes.map(it => it.listing), this.hand(), this.counted);
      this.querySelector('.stage-still')?.remove();
    }

    // Who, and what.
    hand() {
      const name = `stage-${Math.random().toString(36).slice(2)}`;
      const choice = make('div', { class: 'stage-clients', role: 'radiogroup', 'aria-label': this.words.client });
      for (let client = 1; client <= this.story.clients; client++) {
        const radio = make('input', { type: 'radio', name, value: client, checked: client === 1 });
        radio.addEventListener('change', () => { this.client = client; this.offer(); });
        choice.append(make('label', {}, radio, `${this.words.client} ${client}`));
      }
      this.client = 1;
      this.acts = make('div', { class: 'stage-acts' });
      for (const [act, label] of Object.entries(this.words.acts)) {
        const button = make('button', { type: 'button', 'data-act': act, onclick: () => this.act(act, this.client) }, label);
        this.acts.append(button);
      }
      return make('fieldset', { class: 'stage-hand' }, make('legend', {}, this.words.hand), choice, this.acts);
    }

    // A client in the picture says a line, or comes.
    click(client) {
      this.querySelector(`.stage-clients input[value="${client}"]`).checked = true;
      this.client = client;
      const can = this.panes[0].view.can[client - 1];
      const act = ['line', 'connect'].find(act => can.includes(act));
      if (act) this.act(act, client);
      else this.offer();
    }

    act(act, client) {
      this.stop();
      if (!this.isFree) {
        this.isFree = true;
        this.question.hidden = true;
        this.caption.replaceChildren(make('p', {}, this.isOver ? this.words.end : this.words.free));
      }
      this.ask(`act ${act} ${client}`);
      this.play();
    }

    ask(request) {
      this.panes.forEach((pane, at) => {
        const isIdle = request === 'beat' && pane.view?.is_settled;
        if (!isIdle) pane.view = this.scenes[at](request);
      });
      this.show();
    }

    restart() {
      this.stop();
      this.isFree = this.isOver = this.isAnswered = false;
      this.at = 0;
      this.question.hidden = true;
      this.panes.forEach((pane, at) => {
        const { strategy } = this.story.strategies[at];
        const language = this.words === WORDS.zh ? 'zh' : 'en';
        pane.view = this.scenes[at](`open ${strategy} ${this.story.clients} ${language}; settle ${CALLS}`);
      });
      this.caption.replaceChildren(make('p', { class: 'stage-title' }, ...this.say(this.story.title)),
        make('p', {}, ...this.say(this.story.opening)));
      this.show();
    }

    isSettled() { return this.panes.every(pane => pane.view.is_settled); }

    // The next part of the story: what clients do, and what comes of it. Before the last one, a question.
    next() {
      if (!this.isSettled()) return this.play();
      if (this.isFree || this.at >= this.story.beats.length) return;
      const isLast = this.at === this.story.beats.length - 1;
      if (isLast && this.story.question && !this.isAnswered) return this.pose();
      const beat = this.story.beats[this.at++];
      this.question.hidden = true;
      this.isOver = isLast;
      this.caption.replaceChildren(make('p', {}, ...this.say(beat.say)));
      for (const action of beat.acts) this.ask(`act ${action}`);
      this.play();
    }

    pose() {
      const { ask, answers } = this.story.question;
      const told = make('p', { role: 'status' });
      const choices = answers.map(answer => make('button', { type: 'button', onclick: event => {
        told.replaceChildren(...this.say(answer.because));
        event.target.classList.add(answer.right ? 'stage-right' : 'stage-wrong');
        if (!answer.right) return;
        this.isAnswered = true;
        this.show();
        this.nextButton.focus();
      } }, ...this.say(answer.text)));
      this.question.replaceChildren(make('p', {}, ...this.say(ask)), make('div', { class: 'stage-answers' }, ...choices), told);
      this.question.hidden = false;
      choices[0].focus({ preventScroll: true });
      this.show();
    }

    // Calls until nothing more happens, slowly enough to be seen.
    play() {
      this.stop();
      if (this.isSettled()) return;
      this.isPlaying = true;
      this.count = 0;
      const go = () => {
        this.beat();
        if (this.isSettled() || ++this.count > CALLS) return this.stop();
        this.timer = setTimeout(go, this.delay);
      };
      this.timer = setTimeout(go, this.delay / 2);
      this.show();
    }

    stop() {
      clearTimeout(this.timer);
      this.isPlaying = false;
      if (this.panes?.[0].view) this.show();
    }

    beat() { this.ask('beat'); }

    back() {
      const most = Math.max(...this.panes.map(pane => pane.view.played));
      this.panes.forEach((pane, at) => {
        if (pane.view.played === most) pane.view = this.scenes[at]('back');
      });
      this.show();
    }

    show() {
      const words = this.words;
      for (const { picture, code, view } of this.panes) {
        if (picture.shown !== view.picture) {
          picture.innerHTML = picture.shown = view.picture;
          if (view.flight && !still.matches) this.fly(picture.firstChild, view.flight);
        }
        const places = new Map([...view.at].reverse().map(({ at, sleeps }) => [at, sleeps]));
        for (const line of code.children) {
          const here = line.places.filter(at => places.has(at));
          line.classList.toggle('stage-lit', here.some(at => !places.get(at)));
          line.classList.toggle('stage-sleeps', here.length > 0 && here.every(at => places.get(at)));
        }
      }
      const said = this.panes.map((pane, at) => this.panes.length < 2 ? pane.view.said
        : `${this.story.strategies[at].name}${this.words === WORDS.zh ? '：' : ': '}${pane.view.said}`).join('\n');
      if (this.spoken.textContent !== said) this.spoken.textContent = said;
      const names = Object.keys(this.panes[0].view.counters);
      const head = this.panes.length < 2 ? [] : [make('tr', {}, make('td'),
        ...this.story.strategies.map(it => make('th', { scope: 'col' }, it.name)))];
      this.counted.replaceChildren(make('caption', {}, words.counters), ...head, ...names.map(name => make('tr', {},
        make('th', { scope: 'row' }, words[name]),
        ...this.panes.map(pane => make('td', { 'data-counter': name }, pane.view.counters[name].toLocaleString('en'))))));
      const isWaiting = this.story.question && !this.question.hidden && !this.isAnswered;
      this.nextButton.textContent = this.isPlaying ? words.pause : this.isSettled() ? words.next : words.play;
      this.nextButton.disabled = !this.isPlaying && this.isSettled()
        && (this.isFree || isWaiting || this.at >= this.story.beats.length);
      this.callButton.disabled = this.panes.every(pane => pane.view.is_settled);
      this.backButton.disabled = this.panes.every(pane => pane.view.played === 0);
      this.offer();
    }

    offer() {
      const can = new Set(this.panes.flatMap(pane => pane.view.can[this.client - 1]));
      for (const button of this.acts.children) button.disabled = !can.has(button.dataset.act);
    }

    fly(svg, { from, to }) {
      const dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
      dot.setAttribute('class', 'byte stage-dot');
      dot.setAttribute('r', '5');
      svg.append(dot);
      const at = ([x, y]) => ({ transform: `translate(${x}px, ${y}px)` });
      dot.animate([at(from), at(to)], { duration: Math.min(this.delay * 0.7, 500), easing: 'ease-in-out' })
        .finished.then(() => dot.remove(), () => {});
    }
  });
})();
