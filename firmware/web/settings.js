// All settings, as a form made from the device's own table of what config.json may say.
import {configuration, field, saving, select, told} from './form.js';

export const title = 'Settings';

const SECTIONS = {
  name: 'Name', wires: 'Wires', supply: 'Supply', wifi: 'Wi-Fi', web: 'This page', mqtt: 'Broker', plan: 'Modes', surplus: 'Surplus',
  share: 'Sharing', price: 'Prices', battery: 'House battery', guard: 'Grid guard', relay: 'Relays', inputs: 'Lost readings',
  sources: 'Sources', clock: 'Clock', vins: 'Cars', homeassistant: 'Home Assistant', twcmanager: 'TWCManager', syslog: 'Syslog', bus: 'Bus',
  board: 'Pins of the board'};
const WORDS = {
  ssid: 'network name', ntp: 'time server', tls: 'encrypted (TLS)', ca: 'authority’s certificate', id: 'own id', tx: 'TX', rx: 'RX',
  uart: 'UART', http: 'HTTP', mqtt: 'MQTT', by: 'how', host: 'address', soc: 'state of charge', amps: 'amperes', max: 'most', min: 'least',
  min_on: 'on for at least', min_off: 'off for at least', max_age: 'good for', setup_after: 'access point after'};

function label(section, key) {
  const name = (key || section).replace(/_(s|min|kwh|wh)$/, ''), words = WORDS[name] || name.split('_').map(word => WORDS[word] || word).join(' ');
  return words[0].toUpperCase() + words.slice(1);
}
const value = words => words === 'null' ? null : words;

// The rows of the table: objects with the names of its columns.
function read(table) {
  const names = ['section', 'key', 'kind', 'fallback', 'low', 'high', 'unit', 'meaning'];
  return table.split('\n').filter(line => line && line[0] !== '#')
    .map(line => Object.fromEntries(line.split('|').map((part, i) => [names[i], part])));
}

export async function open(root, app) {
  const {h, show} = app, rows = read(await app.get('settings.txt', {text: true})), config = await configuration(app);
  const places = new Map(), items = [], sections = [];

  // One setting: {path, words to search in, el, value(): what is posted, saved()}.
  function setting(row, way, given) {
    const path = way.join('.'), {kind, fallback, unit} = row, name = label(row.section, row.key);
    const about = row.meaning[0].toUpperCase() + row.meaning.slice(1);
    const hint = [about, about.endsWith('.') ? ' ' : '. ', h('code', null, path)];
    const many = kind === 'list', list = many && way[0] === 'vins';
    let place, current, after = () => {};
    if (kind === 'switch') {
      place = field(app, name, h('input', {type: 'checkbox', role: 'switch', checked: given === undefined ? fallback === 'true' : given === true}), hint);
      current = () => place.input.checked;
    } else if (kind === 'choice') {
      const options = row.low.split(' ').map(one => [one, one === 'null' ? 'not set' : one]);
      place = field(app, name, select(h, options, given === undefined ? fallback : String(given)), hint, unit);
      current = () => value(place.input.value);
    } else if (kind === 'secret') {
      place = field(app, name, h('input', {type: 'password', autocomplete: 'new-password'}), hint);
      let removed = false;
      const entry = place.input.parentElement, state = h('span', null), change = h('button', {type: 'button', onclick() {
        cover.hidden = true;
        entry.hidden = false;
        place.input.focus();
      }}, 'Change'), remove = h('button', {type: 'button', onclick() {
        removed = !removed;
        state.textContent = removed ? 'Removed when saved' : 'Set';
        remove.textContent = removed ? 'Keep' : 'Remove';
        bar.look();
      }}, 'Remove'), cover = h('div', {class: 'beside'}, state, change, remove);
      const label = place.el.firstChild;
      change.setAttribute('aria-label', 'Change: ' + label.textContent);
      remove.setAttribute('aria-label', 'Remove: ' + label.textContent);
      entry.before(cover);
      const reset = is => {
        removed = false;
        place.input.value = '';
        state.textContent = 'Set';
        cover.hidden = !is;
        entry.hidden = is;
      };
      reset(!!given);
      current = () => removed ? null : place.input.value || !!given;
      after = () => { given = removed ? null : given || !!place.input.value; reset(!!given); };
    } else {
      if (kind === 'pin' && given === undefined) given = fallback;
      const text = given === undefined || given === null ? '' : list ? given.join('\n') : many ? JSON.stringify(given, null, 1) : String(given);
      const number = /number|whole|maybe|pin/.test(kind), input = h(many ? 'textarea' : 'input', {
        placeholder: kind === 'pin' || fallback === 'null' ? '' : fallback, autocapitalize: 'off', spellcheck: 'false', autocomplete: 'off', rows: many && 4,
        inputmode: number && !(row.low < 0) && (kind === 'whole' || kind === 'pin' ? 'numeric' : 'decimal'), value: text});
      place = field(app, name, input, hint, unit);
      current = () => {
        const words = input.value.trim();
        if (list) return words ? words.split(/[\s,]+/) : null;
        if (number) return told(words);
        if (!many || !words) return words || null;
        try { return JSON.parse(words); } catch (_) { return words; }
      };
    }
    const item = {way, current, el: place.el, search: [path, name, row.meaning, way[1] || ''].join(' ').toLowerCase(),
      base: null, saved() { after(); item.base = JSON.stringify(current()); }};
    item.base = JSON.stringify(current());
    places.set(row.key ? path : row.section + ' ', place);
    if (path === 'sources') places.set('source ', place);
    items.push(item);
    return item;
  }

  function section(name, heading, parts) {
    const words = h('span', {class: 'pill warn', hidden: true}, 'changed');
    const el = h('details', {class: 'card section'}, h('summary', null, h('h3', null, heading), words),
      h('form', {novalidate: true}, parts.map(part => part.el)));
    sections.push({el, parts, words, search: (name + ' ' + heading).toLowerCase()});
    return el;
  }

  const bar = saving(app, collect, places, () => { items.forEach(item => item.saved()); look(); });
  function collect() {
    const change = {};
    for (const {way, current, base} of items) {
      const now = current();
      if (JSON.stringify(now) === base) continue;
      let at = change;
      for (const name of way.slice(0, -1)) at = at[name] = at[name] || {};
      at[way[way.length - 1]] = now;
    }
    return Object.keys(change).length ? change : null;
  }
  function look() {
    for (const {parts, words} of sections) words.hidden = !parts.some(part => JSON.stringify(part.current()) !== part.base);
    bar.look();
  }

  const units = {...config.units};
  for (const {id, name} of app.latest ? app.list(app.latest.connectors) : []) units[id] = {name, ...units[id]};
  const form = h('div'), done = new Set();
  for (const {section: name} of rows) {
    if (done.has(name) || name === 'timetable') continue;
    done.add(name);
    const mine = rows.filter(row => row.section === name);
    if (name === 'units.*') {
      for (const id of Object.keys(units).sort()) {
        const given = (config.units || {})[id] || {}, called = units[id].name;
        form.append(section('units.' + id, 'Wall connector ' + (called && called !== id ? called + ' · ' : '') + id,
          mine.map(row => setting(row, ['units', id, row.key], given[row.key]))));
      }
    } else {
      const given = config[name];
      form.append(section(name, SECTIONS[name] || label(name), mine.map(row => row.key
        ? setting(row, [name, row.key], (given || {})[row.key]) : setting(row, [name], given))));
    }
  }

  // ---- looking for one: sections with what matches are open while somebody looks
  const found = h('p', {class: 'small', role: 'status'});
  const find = field(app, 'Find a setting', h('input', {type: 'search', placeholder: 'amps, relay, price …'}));
  find.input.addEventListener('input', () => {
    const words = find.input.value.toLowerCase().split(/\s+/).filter(Boolean), has = text => words.every(word => text.includes(word));
    let count = 0;
    for (const {el, parts, search} of sections) {
      let any = 0;
      for (const part of parts) {
        part.el.hidden = !has(search + ' ' + part.search);
        any += !part.el.hidden;
      }
      el.hidden = !any;
      el.open = words.length > 0;
      count += any;
    }
    show(found, words.length ? count ? count + (count > 1 ? ' settings' : ' setting') : 'No setting has these words.' : '');
  });
  form.append(bar.el);
  form.oninput = form.onchange = look;
  form.addEventListener('submit', event => { event.preventDefault(); bar.save(false); });
  root.append(h('p', {class: 'small'}, 'What is left empty has its usual value, shown in grey. Most of it counts from the next start on. ',
    'Everything stands in config.json on the device.'), find.el, found, form);
  return {leaves: bar.leaves, close: bar.close};
}
