// The timetable: windows of the week, in order, the time zone, and whether they are followed.
import {configuration, field, saving, select, told} from './form.js';

export const title = 'Timetable';

const DAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'];
const NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const WHAT = [['fast', 'Fast'], ['solar', 'Solar'], ['minimum', 'Solar + minimum'], ['off', 'Off'], ['amps', 'Fixed amperes']];
const WHEN = [['early', 'at once'], ['late', 'as late as possible, sun until then'], ['spread', 'spread evenly']];
const MOST = 8;
// POSIX time zones, as the last line of the place's file in the tz database has them.
const ZONES = [
  ['GMT0BST,M3.5.0/1,M10.5.0', 'London'], ['WET0WEST,M3.5.0/1,M10.5.0', 'Lisbon'], ['CET-1CEST,M3.5.0,M10.5.0/3', 'Amsterdam, Berlin, Madrid, Paris, Rome'],
  ['EET-2EEST,M3.5.0/3,M10.5.0/4', 'Athens, Helsinki, Kyiv'], ['<+03>-3', 'Istanbul'],
  ['EST5EDT,M3.2.0,M11.1.0', 'New York, Toronto'], ['CST6CDT,M3.2.0,M11.1.0', 'Chicago'], ['MST7MDT,M3.2.0,M11.1.0', 'Denver'], ['MST7', 'Phoenix'],
  ['PST8PDT,M3.2.0,M11.1.0', 'Los Angeles, Vancouver'],
  ['<-03>3', 'São Paulo'], ['<+04>-4', 'Dubai'], ['IST-5:30', 'India'],
  ['CST-8', 'China'], ['JST-9', 'Tokyo'], ['KST-9', 'Seoul'], ['AWST-8', 'Perth'], ['AEST-10', 'Brisbane'],
  ['ACST-9:30ACDT,M10.1.0,M4.1.0/3', 'Adelaide'], ['AEST-10AEDT,M10.1.0,M4.1.0/3', 'Melbourne, Sydney'],
  ['NZST-12NZDT,M9.5.0,M4.1.0/3', 'Auckland']];

// "mo-fr", "sa,su", "fr-mo", a missing one: seven times true or false.
function readDays(text) {
  const on = DAYS.map(() => text === undefined || text === null);
  for (const part of String(text ?? '').toLowerCase().split(',')) {
    const [first, last] = part.split('-').map(day => DAYS.indexOf(day.trim().slice(0, 2)));
    if (first < 0 || last < 0) continue;
    for (let day = first, end = last ?? first; ; day = (day + 1) % 7) { on[day] = true; if (day === end) break; }
  }
  return on;
}

// [first, last] of the days that follow each other.
function runs(on) {
  const found = [];
  on.forEach((is, day) => {
    if (is) { if (on[day - 1] && found.length) found[found.length - 1][1] = day; else found.push([day, day]); }
  });
  return found;
}
const writeDays = on => runs(on).map(([a, b]) => DAYS[a] + (a < b ? (b > a + 1 ? '-' : ',') + DAYS[b] : '')).join();
const sayDays = on => on.every(Boolean) ? 'Every day' : runs(on).map(([a, b]) => NAMES[a].slice(0, 3)
  + (a < b ? (b > a + 1 ? ' to ' : ' and ') + NAMES[b].slice(0, 3) : '')).join(', ') || 'No day';

const minute = time => { const [h, m] = String(time).split(':').map(Number); return h * 60 + m; };
const clock = time => isNaN(minute(time)) ? '' : [minute(time) / 60 % 24 | 0, minute(time) % 60].map(n => String(n).padStart(2, '0')).join(':');

export async function open(root, app) {
  const {h, put, show} = app, config = await configuration(app);
  const given = Array.isArray(config.timetable) ? config.timetable : [];
  let rules = [], zoneText = config.clock?.zone ?? '';
  const places = new Map();

  // ---- one window: a sentence that opens to its fields
  function rule(one) {
    const on = readDays(one.days), key = name => 'window.' + name;
    const days = DAYS.map((day, i) => h('input', {type: 'checkbox', 'aria-label': NAMES[i], checked: on[i]}));
    const what = field(app, 'What happens', select(h, WHAT, one.amps !== undefined ? 'amps' : one.mode ?? 'fast'));
    const amps = field(app, 'Amperes', h('input', {inputmode: 'numeric', value: one.amps ?? ''}), '5 to 80, within all limits', 'A');
    const from = field(app, 'From', h('input', {type: 'time', value: clock(one.from ?? '22:00')}));
    const to = field(app, 'To', h('input', {type: 'time', value: clock(one.to ?? '06:00')}));
    const energy = field(app, 'Energy wanted', h('input', {inputmode: 'decimal', value: one.energy_kwh ?? ''}),
      'Then nothing more until the window ends. Empty: no target.', 'kWh');
    const when = field(app, 'How it gets there', select(h, WHEN, one.when ?? 'early'));
    const next = h('p', {class: 'small'}), sentence = h('span', {}), wrong = h('p', {class: 'wrong', hidden: true});
    const picked = () => days.map(box => box.checked);
    const daysField = {wrong(text) { show(wrong, text); if (text) { el.firstChild.open = true; days[0].focus(); } }};
    const read = () => {
      const now = {}, all = picked().every(Boolean);
      // Words that a person chose for the same days stay as they are.
      if (one.days !== undefined && readDays(one.days).join() === picked().join()) now.days = one.days;
      else if (!all) now.days = writeDays(picked());
      const time = (name, input) => { now[name] = one[name] !== undefined && clock(one[name]) === input.value ? one[name] : input.value; };
      time('from', from.input);
      time('to', to.input);
      if (what.input.value === 'amps') now.amps = told(amps.input.value);
      else now.mode = what.input.value;
      if (!energy.el.hidden && energy.input.value.trim()) now.energy_kwh = told(energy.input.value);
      if (!when.el.hidden && (when.input.value !== 'early' || one.when)) now.when = when.input.value;
      return now;
    };
    const up = h('button', {type: 'button'}, 'Move up'), drop = h('button', {type: 'button', class: 'danger'}, 'Remove');
    const el = h('li', {class: 'card rule'}, h('details', {}, h('summary', {}, sentence),
      h('fieldset', {class: 'days'}, h('legend', {}, 'Begins on'), h('div', {class: 'chips'},
        days.map((box, i) => h('label', {}, box, h('span', {'aria-hidden': 'true'}, NAMES[i].slice(0, 2))))), wrong),
      h('div', {class: 'pair'}, from.el, to.el), next, h('div', {class: 'pair'}, what.el, amps.el),
      h('div', {class: 'pair'}, energy.el, when.el), h('div', {class: 'row'}, up, drop)));
    const look = () => {
      const mode = what.input.value, full = mode === 'fast' || mode === 'amps';
      amps.el.hidden = mode !== 'amps';
      energy.el.hidden = mode === 'off';
      when.el.hidden = energy.el.hidden || !full || !energy.input.value.trim();
      const a = from.input.value, b = to.input.value;
      show(next, a && b && b <= a && (a === b ? 'For 24 hours.' : 'Ends on the next day.'));
      put(sentence, sayDays(picked()) + ', ' + a + ' to ' + b + ': '
        + (mode === 'amps' ? amps.input.value + '\u00a0A' : WHAT.find(([name]) => name === mode)[1])
        + (!energy.el.hidden && energy.input.value.trim() ? ', ' + energy.input.value.trim() + '\u00a0kWh'
          + (when.el.hidden || when.input.value === 'early' ? '' : ', ' + WHEN.find(([name]) => name === when.input.value)[1]) : ''));
    };
    const self = {el, read, look, picked, mode: () => what.input.value, fields: {days: daysField, from, to, mode: what, amps, energy_kwh: energy, when}};
    up.onclick = () => { const at = rules.indexOf(self); rules.splice(at - 1, 2, self, rules[at - 1]); draw(); up.focus(); };
    drop.onclick = () => { rules.splice(rules.indexOf(self), 1); draw(); add.focus(); };
    self.up = up;
    look();
    return self;
  }

  // ---- the week as a picture, for eyes; the sentences say the same
  const week = h('div', {class: 'week', 'aria-hidden': 'true'});
  function paintWeek() {
    const rows = DAYS.map((_, i) => h('div', {class: 'hours'}));
    // What stands first counts, so it is painted last.
    for (const one of [...rules].reverse()) {
      const {from, to} = one.fields, a = minute(from.input.value), b = minute(to.input.value);
      if (isNaN(a) || isNaN(b)) continue;
      const bar = (day, start, end) => {
        if (end <= start) return;
        const el = h('i', {class: 'is-' + one.mode()});
        el.style.left = start / 14.4 + '%';
        el.style.width = (end - start) / 14.4 + '%';
        rows[day % 7].append(el);
      };
      one.picked().forEach((on, day) => {
        if (!on) return;
        bar(day, a, b > a ? b : 1440);
        if (b <= a) bar(day + 1, 0, b);
      });
    }
    week.replaceChildren(...rows.map((row, i) => h('div', {class: 'day'}, h('span', {}, NAMES[i].slice(0, 2)), row)),
      h('div', {class: 'day small'}, h('span', {}), h('div', {class: 'ticks'}, ...[0, 6, 12, 18, 24].map(hour => h('span', {}, hour)))));
  }

  // ---- the whole view
  const list = h('ol', {class: 'rules', role: 'list'}), none = h('p', {class: 'card'}, 'No windows yet: the mode that is set holds all day.');
  const add = h('button', {type: 'button'}, 'Add a window');
  add.onclick = () => {
    const one = rule({from: '22:00', to: '06:00', mode: 'fast'});
    rules.push(one);
    draw();
    one.el.firstChild.open = true;
    one.el.querySelector('summary').focus();
  };
  const follow = field(app, 'Follow the timetable', h('input', {type: 'checkbox', role: 'switch', disabled: true}));
  follow.input.onchange = async () => {
    const wanted = follow.input.checked;
    try {
      await app.post('api/timetable', wanted ? 'on' : 'off');
      app.say(wanted ? 'The timetable is followed.' : 'The timetable is not followed.', 'ok');
    } catch (error) {
      follow.input.checked = !wanted;
      follow.wrong(error.message);
    }
  };
  const known = ZONES.some(([text]) => text === zoneText);
  const zone = field(app, 'Time zone', select(h, [['', 'Not set'], ...ZONES, ['other', 'Another one']], zoneText && !known ? 'other' : zoneText),
    'Windows follow the clock on the wall there, summer time too.');
  const other = field(app, 'As POSIX writes it', h('input', {value: zoneText, maxlength: 64, autocapitalize: 'off', spellcheck: 'false'}),
    'The last line of the place’s file: tail -1 /usr/share/zoneinfo/Europe/Paris');
  const zoneNow = () => zone.input.value === 'other' ? other.input.value.trim() : zone.input.value;

  const written = () => JSON.stringify(rules.map(one => one.read()));
  function collect() {
    const change = {};
    if (written() !== same) change.timetable = rules.length ? rules.map(one => one.read()) : null;
    if (zoneNow() !== zoneText) change.clock = {zone: zoneNow() || null};
    return Object.keys(change).length ? change : null;
  }
  const bar = saving(app, collect, places, () => { same = written(); zoneText = zoneNow(); });
  function draw() {
    list.replaceChildren(...rules.map(one => one.el));
    rules.forEach((one, i) => { one.up.hidden = !i; });
    none.hidden = rules.length > 0;
    add.hidden = rules.length >= MOST;
    paintWeek();
    // The device says "window 2: from is …".
    places.clear();
    places.set('clock.zone', {wrong: text => (zone.input.value === 'other' ? other : zone).wrong(text)});
    rules.forEach((one, i) => {
      places.set(`window ${i + 1}:`, one.fields.days);
      for (const [name, place] of Object.entries(one.fields)) places.set(`window ${i + 1}: ${name} is`, place);
    });
    bar.look();
  }
  rules = given.map(rule);
  let same = written();
  const form = h('form', {novalidate: true}, h('div', {class: 'card'}, follow.el, week), h('h3', {}, 'Windows'),
    h('p', {class: 'small'}, 'Where two overlap, the upper one counts.'), list, none, h('div', {class: 'row'}, add),
    h('div', {class: 'card'}, zone.el, other.el), bar.el);
  form.oninput = form.onchange = () => {
    rules.forEach(one => one.look());
    other.el.hidden = zone.input.value !== 'other';
    paintWeek();
    bar.look();
  };
  form.onsubmit = event => { event.preventDefault(); bar.save(false); };
  root.append(form);
  form.onchange();
  draw();
  const view = {
    status(doc) {
      const on = doc.timetable;
      follow.input.disabled = typeof on !== 'boolean';
      if (document.activeElement !== follow.input) follow.input.checked = on === true;
    },
    leaves: bar.leaves, close: bar.close};
  if (app.latest) view.status(app.latest);
  return view;
}
