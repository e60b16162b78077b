// The overview: what is charging, how fast, from what, and if not, why.

export const title = 'Overview';

const NB = '\u00a0';
const LINKS = new Map([
  ['ok', ['Link ok', 'go']], ['new', ['Linking', 'warn']], ['silent', ['Link silent', 'warn']], ['lost', ['Link lost', 'bad']]]);
const PLUGS = new Map([['unplugged', 'No car plugged in'], ['plugged in', 'Car plugged in'], ['charging', 'Car charging']]);
// What is over or missing after the cars, by where the surplus comes from.
const RESTS = {grid: ['to the grid', 'from the grid'], generation: ['left for it', 'more than the sun']};

const $ = id => document.getElementById(id);
let amps, watts, kwh, ms, number, some, ago, duration, known, text, list, prose, h, put, show, attr, lines, rows;
let controls = null, chart = null;

export async function open(root, app) {
  ({amps, watts, kwh, ms, number, some, ago, duration, known, text, list, prose, h, put, show, attr, lines, rows} = app);
  const parts = async () => {          // one after the other: a board has few sockets
    controls = controls || (await app.load('controls')).start(app);
    if (app.latest) paint(app.latest, app);
    chart = chart || (await app.load('chart')).start(app);
    chart.wake();
  };
  parts().catch(() => app.say('Parts of this page could not be loaded: load it again.', 'bad'));
  return {status: s => paint(s, app), close: () => chart && chart.rest()};
}

function paint(s, app) {
  const since = app.since, clock = s.uptime_s + since, connectors = list(s.connectors).filter(Boolean);
  paintFlow(s, connectors, since);
  paintConnectors(connectors, since);
  const note = (s.bus || {}).note, warnings = list(s.warnings);
  paintWarnings(note && !warnings.includes(note) ? [note, ...warnings] : warnings);
  paintEvents(list(s.events), clock);
  paintFoot(s, clock);
  if (controls) controls.paint(s);
  $('foot').hidden = false;
}

function paintFlow(s, connectors, since) {
  const r = s.surplus || {}, age = known(r.age_s) ? r.age_s + since : null;
  const has = known(r.watts), lost = has && r.lost === true, when = age === null ? '' : ago(age);
  const shines = has && !lost && r.watts > 0, flows = s.power_watts > 0;
  $('sun').className = 'node' + (lost ? ' lost' : shines ? ' on' : '');
  put($('sun-word'), r.source === 'generation' ? 'Sun' : 'Surplus');
  put($('surplus'), lost ? 'Lost' : has ? watts(r.watts) : 'No reading yet');
  $('surplus').classList.toggle('words', !has);
  show($('surplus-age'), lost ? 'last ' + watts(r.watts) + (when && ', ' + when)
    : has ? when + (r.source === 'grid' ? ', from the grid meter' : '') : '');
  show($('unusable'), r.unusable ? 'Not used: ' + prose(r.unusable) : '');
  // The surplus has the cars' power in it. It is a mean, so tens of watts are as exact as it gets.
  const rest = has && !lost && known(s.power_watts) ? Math.round((r.watts - s.power_watts) / 10) * 10 : null;
  const [over, short] = RESTS[r.source] || ['left over', 'too little'];
  put($('rest'), rest === null ? '' : watts(Math.abs(rest)));
  put($('rest-word'), rest === null ? 'not known' : rest < 0 ? short : over);
  $('house').className = 'node' + (rest === null ? '' : rest < 0 ? ' draws' : ' on');
  $('link-house').className = 'link' + (shines ? ' on' : '');
  $('car').className = 'node car' + (flows ? ' on' : '');
  $('link').className = 'link' + (flows ? ' on' : '');
  put($('car-word'), connectors.length > 1 ? 'Cars' : 'Car');
  put($('power'), watts(s.power_watts));
  put($('draw'), amps(s.draw_amps));
  put($('offer'), amps(s.offer_amps));
  put($('wires'), known(s.wires_amps) ? 'The wires allow ' + amps(s.wires_amps) : '');
}

const cards = new Map();               // connector id -> {el, f: its named parts, own: its controls}
function newCard() {
  const el = $('card').content.firstElementChild.cloneNode(true), f = {};
  for (const part of el.querySelectorAll('[data-f]')) f[part.dataset.f] = part;
  return {el, f, own: null};
}
function paintConnectors(connectors, since) {
  const ids = connectors.map(c => text(c.id));
  for (const [id, card] of cards) if (!ids.includes(id)) { card.el.remove(); cards.delete(id); }
  connectors.forEach((c, place) => {
    const id = ids[place];
    if (!cards.has(id)) cards.set(id, newCard());
    const card = cards.get(id), home = $('connectors');
    if (home.children[place] !== card.el) home.insertBefore(card.el, home.children[place] || null);
    attr(card.el, 'data-id', id);
    paintCard(card.f, card.el, c, id, since);
    if (controls && 'limit_amps' in c) {
      card.own = card.own || controls.own(id, card.f);
      card.own(c);
    }
  });
  $('none').hidden = connectors.length > 0;
}
function paintCard(f, el, c, id, since) {
  const [link, tone] = LINKS.get(c.link) || ['Link ' + text(c.link), ''];
  const away = c.link === 'lost' || c.link === 'silent', draws = c.draw_amps >= 1 && !away;   // less is the unit's own calibration
  el.classList.toggle('away', away);
  const who = c.name && c.name !== id ? c.name + ' · ' + id : 'Connector ' + id;
  put(f.name, who);
  put(f.state, text(c.state) || 'unknown');
  f.state.className = 'pill ' + (/error/.test(c.state) || c.link === 'lost' ? 'bad' : draws ? 'go' : '');
  put(f.draw, amps(c.draw_amps));
  put(f.offer, amps(c.offer_amps));
  // The bar ends at the limit in force; a car that takes more than that must still be seen to.
  const end = Math.max(...[c.max_amps, c.offer_amps, c.draw_amps].filter(known), 1);
  const part = v => (known(v) ? Math.max(0, Math.min(100, v / end * 100)) : 0) + '%';
  f.offered.style.width = part(c.offer_amps);
  f.drawn.style.width = part(c.draw_amps);
  f.least.style.left = part(c.min_amps);
  f.least.hidden = !(c.min_amps > 0 && c.min_amps < end);
  attr(f.bar, 'aria-label', amps(c.draw_amps) + ' drawn, ' + amps(c.offer_amps) + ' offered, ' + amps(c.max_amps) + ' allowed');
  put(f.most, amps(end));
  show(f.why, prose(c.reason));
  f.sums.hidden = !rows(f.sums, [
    ['now', some(c.power_watts, watts)], ['this session', some(c.session_kwh, kwh)],
    ['from the sun', some(c.solar_percent, v => number(v) + NB + '%')], ['lifetime', some(c.total_kwh, kwh)]]);
  paintCar(f, c);
  f.dot.className = 'dot ' + tone;
  put(f.link, link + ' · ' + (known(c.heard_s) ? 'heard ' + ago(c.heard_s + since) : 'not heard yet'));
  // At 0 A a unit shows whatever maximum it likes, usually 6 A.
  const behind = known(c.echo_amps) && c.offer_amps > 0 && Math.abs(c.echo_amps - c.offer_amps) >= 0.05;
  show(f.echo, behind ? 'The connector still confirms ' + amps(c.echo_amps) : '');
  put(f.whose, ' of ' + who);
  f.more.hidden = !rows(f.details, [
    ['May get', known(c.min_amps) && known(c.max_amps) ? number(c.min_amps, 1) + ' to ' + amps(c.max_amps) : ''],
    ['Counts with', some(c.claim_amps, amps)],
    ['Priority', some(c.priority, number)],
    ['Starts', some(c.starts_life, n => number(c.starts_today || 0) + ' today, ' + number(n) + ' in all')],
    ['Unit takes', some(c.rating_amps, amps)],
    ['Protocol', text(c.protocol)],
    ['Contactors', text(c.contactors), '', c.contactors === 'open'],
    ['Reply time', some(c.reply_ms, ms)],
    ['Heartbeats', some(c.missed, n => number(n) + ' missed')],
    ['Serial number', text(c.serial)],
    ['Firmware', text(c.firmware)],
    ['VIN', c.vin === '' ? 'unknown to the unit' : text(c.vin)]]);
}
function paintCar(f, c) {
  // What the unit said of its car before its link was lost may be over by now.
  const plug = c.link === 'lost' ? '' : text(c.plug);
  const car = [plug && (PLUGS.get(plug) || 'Plug: ' + plug)
    + (plug === 'charging' ? some(c.phases, n => ' on ' + n + (n > 1 ? ' phases' : ' phase')) : ''),
  c.link === 'lost' || plug === 'unplugged' ? '' : some(c.soc, v => 'battery ' + number(v) + NB + '%')];
  show(f.plug, car.filter(Boolean).join(' · '));
  const volts = list(c.volts), drawn = list(c.phase_amps);
  const phases = c.link === 'lost' ? [] : [0, 1, 2].filter(i => volts[i] > 0 || drawn[i] > 0);
  lines(f.phases, phases.map(i => (phases.length > 1 ? 'L' + (i + 1) + NB : '')
    + [some(volts[i], v => number(v) + NB + 'V'), some(drawn[i], amps)].filter(Boolean).join(NB)));
}

let warningsShown = '', eventsShown = '';
function paintWarnings(warnings) {
  const now = JSON.stringify(warnings);
  if (now !== warningsShown) $('warning-list').replaceChildren(...warnings.map(w => h('li', {class: 'note warn'}, prose(w))));
  warningsShown = now;
  $('warnings').hidden = !warnings.length;
}
function paintEvents(events, clock) {
  const now = JSON.stringify(events), home = $('events');
  events = events.filter(Array.isArray).reverse();          // the device's newest is its last
  if (now !== eventsShown) {
    home.replaceChildren(...events.map(([, level, what]) => h('li', null, h('span', {class: 'small'}), h('span', null,
      level && level !== 'info' && h('span', {class: 'tell ' + (level === 'error' ? 'bad' : 'warn')}, text(level)), prose(what)))));
  }
  eventsShown = now;
  events.forEach(([at], i) => put(home.children[i].firstChild, known(at) ? ago(clock - at) : ''));
  $('no-events').hidden = events.length > 0;
}

function paintFoot(s, clock) {
  const mqtt = s.mqtt || {}, wifi = s.wifi || {}, memory = s.memory || {};
  const fact = (id, ok, parts) => { $(id).classList.toggle('amiss', !ok); lines($(id), parts); };
  fact('mqtt', mqtt.state === 'connected', [text(mqtt.state) || '–', text(mqtt.broker), text(mqtt.note)]);
  const strength = v => v >= -60 ? 'strong' : v >= -70 ? 'good' : v >= -80 ? 'weak' : 'very weak';
  fact('wifi', wifi.state === 'connected', [text(wifi.state) || '–', text(wifi.ip),
    known(wifi.rssi) && wifi.rssi < 0 ? number(wifi.rssi) + NB + 'dBm, ' + strength(wifi.rssi) : '']);
  fact('memory', true, [number(memory.free / 1000) + NB + 'kB free', 'of ' + number((memory.free + memory.used) / 1000) + NB + 'kB']);
  fact('uptime', true, [known(s.uptime_s) ? duration(clock) : '–']);
  fact('version', true, [text(s.version) || '–']);
}
