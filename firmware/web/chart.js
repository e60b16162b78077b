// The last hours as lines: surplus, what was offered and what was drawn.

const AGAIN_MS = 180000, SOON_MS = 20000;
const KEYS = ['surplus', 'offer', 'draw'], HEIGHT = 190, LEFT = 46, BOTTOM = 22, TOP = 8;
const $ = id => document.getElementById(id);

function svg(tag, attributes, ...children) {
  const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  el.append(...children);
  return el;
}
const clock = at => at.getHours().toString().padStart(2, '0') + ':' + at.getMinutes().toString().padStart(2, '0');

export function start(app) {
  let data = null, timer = 0, endAt = 0, mark = null;

  async function ask() {
    clearTimeout(timer);
    if (document.hidden) return;
    let wait = AGAIN_MS;
    try {
      const [answer, body] = await app.request('api/history', {}, 8000);
      if (!answer.ok) throw app.refused(answer, body);
      const told = app.parsed(body, answer.status), lists = KEYS.map(key => app.list(told[key]));
      data = {step: told.step_s, lists, count: Math.max(...lists.map(each => each.length))};
      const s = app.latest, now = s ? s.uptime_s + app.since : told.now_s;
      endAt = Date.now() - (now - told.now_s) * 1000;
      draw();
    } catch (_) {
      wait = SOON_MS;
    }
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  }
  const timeOf = i => new Date(endAt - (data.count - 1 - i) * data.step * 1000);

  // ---- the picture -----------------------------------------------------------------------
  function draw() {
    const {lists, count, step} = data, width = Math.max(240, $('chart-picture').clientWidth);
    const values = lists.flat().filter(app.known);
    $('chart-more').hidden = !values.length;
    $('chart-more').parentElement.classList.toggle('empty', !values.length);
    if (!values.length) return $('chart-picture').replaceChildren(app.h('p', {class: 'small'}, 'Drawn as soon as there is something to draw: one point every three minutes.'));
    const top = Math.max(1000, ...values), low = Math.min(0, ...values);
    const tick = [500, 1000, 2000, 5000, 10000, 20000].find(each => (top - low) / each <= 4.2) || 50000;
    const high = Math.ceil(top / tick) * tick, deep = Math.floor(low / tick) * tick;
    const span = Math.max(count - 1, 3600 / step);
    const x = i => LEFT + (width - LEFT - 6) * (1 - (count - 1 - i) / span);
    const y = v => TOP + (HEIGHT - TOP - BOTTOM) * (high - v) / (high - deep);
    const parts = [];
    for (let v = deep; v <= high; v += tick) {
      parts.push(svg('line', {class: v ? 'grid' : 'grid zero', x1: LEFT, x2: width, y1: y(v), y2: y(v)}),
        svg('text', {x: LEFT - 8, y: y(v) + 4, 'text-anchor': 'end'}, app.number(v / 1000, 1) + (v === high ? '\u00a0kW' : '')));
    }
    const minutes = [15, 30, 60, 120].find(each => span * step / 60 / each <= width / 90) || 240, midnight = new Date(endAt);
    midnight.setHours(0, 0, 0, 0);
    for (let at = endAt - (endAt - midnight) % (minutes * 60000); ; at -= minutes * 60000) {
      const place = x(count - 1 - (endAt - at) / step / 1000);
      if (place < LEFT + 14) break;
      if (place < width - 18) parts.push(svg('text', {x: place, y: HEIGHT - 4, 'text-anchor': 'middle'}, clock(new Date(at))));
    }
    // An unknown value is a gap: each run of known ones is a line of its own.
    lists.forEach((list, which) => {
      let line = '', area = '', from = null;
      for (let i = 0; i <= list.length; i++) {
        const has = i < list.length && app.known(list[i]), at = has && x(i).toFixed(1) + ' ' + y(list[i]).toFixed(1);
        if (has) {
          const first = from === null;
          if (first) from = i;
          line += (first ? 'M' : 'L') + at + (first ? 'h.1' : '');
          area += (first ? 'M' + x(i).toFixed(1) + ' ' + y(0).toFixed(1) + 'L' : 'L') + at;
        } else if (from !== null) {
          area += 'L' + x(i - 1).toFixed(1) + ' ' + y(0).toFixed(1) + 'Z';
          from = null;
        }
      }
      if (KEYS[which] !== 'offer') parts.push(svg('path', {class: 'area ' + KEYS[which], d: area}));
      parts.push(svg('path', {class: 'line ' + KEYS[which], d: line}));
    });
    mark = svg('line', {class: 'mark', y1: TOP, y2: HEIGHT - BOTTOM, x1: -9, x2: -9});
    const picture = svg('svg', {width, height: HEIGHT, role: 'img', 'aria-label': summary()}, ...parts, mark);
    const point = event => {
      const at = Math.round(count - 1 - span * (1 - (event.clientX - picture.getBoundingClientRect().left - LEFT) / (width - LEFT - 6)));
      if (at < 0 || at >= count) return leave();
      mark.setAttribute('x1', x(at));
      mark.setAttribute('x2', x(at));
      app.put($('chart-at'), clock(timeOf(at)) + ': ' + lists.map(list => app.known(list[at]) ? app.watts(list[at]) : '–').join(' · '));
    };
    const leave = () => { mark.setAttribute('x1', -9); mark.setAttribute('x2', -9); app.put($('chart-at'), ''); };
    picture.addEventListener('pointermove', point);
    picture.addEventListener('pointerdown', point);
    picture.addEventListener('pointerleave', leave);
    app.put($('chart-at'), '');
    $('chart-picture').replaceChildren(picture);
    if ($('chart-more').open) table();
  }
  function summary() {
    const words = ['surplus', 'offered', 'drawn'];
    return clock(timeOf(0)) + ' to ' + clock(timeOf(data.count - 1)) + ': ' + data.lists.map((list, which) => {
      const some = list.filter(app.known);
      return words[which] + (some.length ? ' ' + app.watts(Math.min(...some)) + ' to ' + app.watts(Math.max(...some)) : ' not known');
    }).join(', ') + '. The same as a table below.';
  }

  // ---- the same in words: means of half an hour, the newest first --------------------------
  function table() {
    const {lists, count, step} = data, each = Math.round(1800 / step), body = [];
    for (let end = count; end > 0; end -= each) {
      const begin = Math.max(0, end - each);
      const means = lists.map(list => {
        const some = list.slice(begin, end).filter(app.known);
        return some.length ? app.number(some.reduce((sum, v) => sum + v, 0) / some.length) : 'unknown';
      });
      const start = new Date(+timeOf(begin) - step * 1000);
      body.push(app.h('tr', null, app.h('th', {scope: 'row'}, clock(start)), means.map(mean => app.h('td', null, mean))));
    }
    $('chart-table').replaceChildren(app.h('table', null,
      app.h('caption', {class: 'small'}, 'Means of half an hour, in watts'),
      app.h('thead', null, app.h('tr', null, ['From', 'Surplus', 'Offered', 'Drawn'].map(word => app.h('th', {scope: 'col'}, word)))),
      app.h('tbody', null, body)));
  }

  $('chart-more').addEventListener('toggle', () => { if ($('chart-more').open && data) table(); });
  let drawn = 0;
  new ResizeObserver(() => {
    const width = $('chart-picture').clientWidth;
    if (data && width && width !== drawn) draw();
    drawn = width;
  }).observe($('chart-picture'));
  addEventListener('visibilitychange', () => { if (!document.hidden && timer) ask(); });
  return {wake: ask, rest() { clearTimeout(timer); timer = 0; }};
}
