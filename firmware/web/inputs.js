// What comes in: the last text of each topic, what it was read as, and how old it is.
import './form.js';

export const title = 'Inputs';

const POLL_MS = 2000;

export async function open(root, app) {
  const {h, put, show, rows} = app, cards = new Map();
  const list = h('ul', {class: 'cards', role: 'list'}), none = h('p', {class: 'card', hidden: true}, 'Nothing is listened to.');
  const trouble = h('p', {class: 'note warn', role: 'status', hidden: true});
  const lines = h('div', {});
  root.append(h('p', {class: 'small'}, 'A wrong sign or unit shows here at once: compare with your meter.'), trouble, list, none,
    h('details', {class: 'card more'}, h('summary', {}, 'How to send a reading'), lines));

  function card(one) {
    const el = h('li', {class: 'card input'}), top = h('div', {class: 'top'}), use = h('h3', {}), pill = h('span', {class: 'pill'});
    const read = h('p', {class: 'large'}), dl = h('dl', {class: 'told'}), note = h('p', {class: 'note warn'});
    const fill = h('i', {}), bar = h('div', {class: 'bar age', role: 'img'}, fill), age = h('p', {class: 'small'});
    top.append(use, pill);
    el.append(top, read, dl, bar, age, note);
    return {el, paint(one) {
      const has = one.age_s !== null, part = has && one.max_age_s ? one.age_s / one.max_age_s : 0, old = part > 1;
      put(use, one.use[0].toUpperCase() + one.use.slice(1));
      put(pill, !has ? 'nothing yet' : old ? 'too old' : one.problem ? 'not used' : 'in use');
      pill.className = 'pill ' + (!has ? '' : old || one.problem ? 'warn' : 'go');
      show(read, app.prose(one.read));
      rows(dl, [['Topic', one.topic], ['Last text', one.text ? '“' + one.text + '”' : has ? 'empty' : 'none']]);
      fill.style.width = Math.min(100, part * 100) + '%';
      fill.className = old ? 'old' : '';
      bar.hidden = !has || !one.max_age_s;
      show(age, has ? app.duration(one.age_s) + ' old' + (one.max_age_s ? ' of at most ' + app.duration(one.max_age_s) : '; its sender lives') : '');
      bar.setAttribute('aria-label', age.textContent);
      show(note, app.prose(one.problem));
    }};
  }

  function paint(inputs) {
    const topics = inputs.map((one, i) => one.topic + ' ' + one.use + ' ' + i);
    for (const [key, {el}] of cards) if (!topics.includes(key)) { el.remove(); cards.delete(key); }
    inputs.forEach((one, i) => {
      if (!cards.has(topics[i])) cards.set(topics[i], card(one));
      const {el, paint} = cards.get(topics[i]);
      if (list.children[i] !== el) list.insertBefore(el, list.children[i] || null);
      paint(one);
    });
    none.hidden = inputs.length > 0;
  }

  function how(doc) {
    const name = doc.name, at = String(doc.mqtt?.broker || 'address-of-your-broker').split(':');
    const port = at[1] && at[1] !== '1883' ? ' -p ' + at[1] : '';
    const now = [['By the broker: how much the cars may take, in watts', `mosquitto_pub -h ${at[0]}${port} -t twc/${name}/surplus/set -m 3000`],
      ['Or what the meter at the grid says, import positive', `mosquitto_pub -h ${at[0]}${port} -t twc/${name}/grid/set -m -3000`],
      ['Without a broker, to this device (an access token is made under Device)',
        `curl -d 3000 -H "Authorization: Bearer TOKEN" http://${location.host}/api/surplus`],
      ['', `curl -d -3000 -H "Authorization: Bearer TOKEN" http://${location.host}/api/grid`]];
    if (lines.told === JSON.stringify(now)) return;
    lines.told = JSON.stringify(now);
    lines.replaceChildren(...now.flatMap(([about, line]) => [about && h('p', {}, about), h('pre', {tabindex: 0}, line)].filter(Boolean)),
      h('p', {class: 'small'}, 'Every few seconds, and at least twice as often as the age allows.'));
  }

  let timer = 0, closed = false;
  async function poll() {
    if (!document.hidden) {
      try {
        paint((await app.get('api/inputs')).inputs || []);
        show(trouble, '');
      } catch (error) { show(trouble, error.message); }
    }
    if (!closed) timer = setTimeout(poll, POLL_MS);
  }
  how(app.latest || {name: 'garage'});
  await poll();
  return {status: how, close() { closed = true; clearTimeout(timer); }};
}
