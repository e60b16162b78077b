// The shell of the page: asks the device for its status, shows the view of the address, and knows
// how to ask and tell the device anything else. The views get what they need as `app`.

const POLL_MS = 1000, HIDDEN_MS = 5000, RETRY_MS = 2000, TIMEOUT_MS = 5000, QUIET_MS = 6000;
const SLOW_MS = 20000;                 // a board that checks a password or writes its flash
const VIEWS = ['overview', 'timetable', 'inputs', 'bus', 'settings', 'device', 'setup', 'journal'];
const STATES = {
  charging: ['Charging', 'go'], minimum: ['At the minimum', 'go'], waiting: ['Waiting', ''], off: ['Off', ''],
  lost: ['Reading lost', 'bad'], no_connector: ['No connector', 'warn'], fault: ['Fault', 'bad']};

// ---- words and numbers -------------------------------------------------------------------
const NB = '\u00a0', THIN = '\u202f';  // spaces at which no line ends
const $ = id => document.getElementById(id);
const known = v => typeof v === 'number' && isFinite(v);
const text = v => v === null || v === undefined ? '' : String(v);
const list = v => Array.isArray(v) ? v : [];
// The device groups thousands with plain spaces: a number and its unit must not part at a line's end.
const prose = v => text(v).replace(/(\d) (?=\d{3}(?!\d)|(A|W|V|s|min|h)(?![a-zA-Z]))/g, '$1' + NB);
function number(value, digits) {
  if (!known(value)) return '–';
  const [whole, rest] = String(+Math.abs(value).toFixed(digits || 0)).split('.');
  const shown = whole.replace(/\B(?=(\d{3})+$)/g, THIN) + (rest ? '.' + rest : '');
  return value < 0 && shown !== '0' ? '−' + shown : shown;
}
const amps = v => number(v, 1) + NB + 'A';
const watts = v => number(v) + NB + 'W';
const kwh = v => number(v, v < 10 ? 2 : v < 100 ? 1 : 0) + NB + 'kWh';
const ms = v => number(v) + NB + 'ms';
const some = (v, words) => known(v) ? words(v) : '';       // nothing where the device says nothing
function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 120) return s + NB + 's';
  if (s < 7200) return Math.floor(s / 60) + NB + 'min';
  return s < 172800 ? Math.floor(s / 3600) + NB + 'h' : Math.floor(s / 86400) + NB + 'days';
}
const ago = s => s < 1 ? 'just now' : duration(s) + ' ago';

// ---- writing to the page: only what changed, and only ever as text -----------------------
function put(el, value) { if (el.textContent !== value) el.textContent = value; }
function show(el, value) { put(el, value); if (el.hidden !== !value) el.hidden = !value; }
function attr(el, name, value) { if (el.getAttribute(name) !== value) el.setAttribute(name, value); }
// An element: h('button', {class: 'main', disabled: true, onclick: f}, 'Save', [more]).
// Attributes that are false, null or undefined are left out; `value` may be any form field's.
function h(tag, attributes, ...children) {
  const el = document.createElement(tag), given = attributes || {};
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else if (name !== 'value' && value !== false && value !== null && value !== undefined) {
      el.setAttribute(name, value === true ? '' : value);
    }
  }
  el.append(...children.flat(9).filter(child => child || child === 0));
  if (text(given.value)) el.value = given.value;
  return el;
}
function lines(el, parts) {            // one span for each part that says something
  parts = parts.filter(Boolean);
  if (el.textContent === parts.join('') && el.childElementCount === parts.length) return;
  el.replaceChildren(...parts.map(part => h('span', null, part)));
}
function rows(el, facts) {             // a <dl> of [term, value, hint, amiss]: those with a value
  facts = facts.filter(([, value]) => value);
  const terms = facts.map(([term]) => term).join();
  if (el.dataset.terms !== terms) el.replaceChildren(...facts.map(([term]) =>
    h('div', null, h('dt', null, term), h('dd'))));
  el.dataset.terms = terms;
  facts.forEach(([, value, hint, amiss], i) => {
    const dd = el.children[i].lastChild;
    dd.classList.toggle('amiss', !!amiss);
    lines(dd, [value, hint]);
  });
  return facts.length > 0;
}
function tell(el, sentence) {          // a countdown in the sentence must not be read out each second
  const words = t => t.replace(/\d+/g, '');
  const counts = sentence !== el.textContent && words(sentence) === words(el.textContent);
  attr(el, 'aria-live', counts ? 'off' : 'polite');
  put(el, sentence);
}
let sayTimer = 0;
function say(sentence, kind) {         // a short word at the bottom, which goes away by itself
  const el = $('say');
  el.className = kind === 'bad' ? 'bad' : 'go';
  el.textContent = sentence;
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => { el.textContent = ''; }, 3000 + sentence.length * 70);
}

// ---- asking the device -------------------------------------------------------------------
const pause = time => new Promise(done => setTimeout(done, time));
function failure(sentence, status) { return Object.assign(new Error(sentence), {status}); }
async function load(name) {            // a module; a board that is busy is asked again
  for (let tries = 0; ; tries++) {
    try {
      return await import('./' + name + '.js' + (tries ? '?' + tries : ''));
    } catch (error) {
      if (tries > 3) throw error;
      await pause(700 * (tries + 1));
    }
  }
}
async function request(path, options, limit) {
  const control = new AbortController(), timer = setTimeout(() => control.abort(), limit);
  try {
    const answer = await fetch(path, {cache: 'no-store', signal: control.signal, ...options});
    return [answer, await answer.text()];
  } catch (_) {
    throw failure('The device does not answer.', 0);
  } finally {
    clearTimeout(timer);
  }
}
function parsed(body, status) {
  try { return JSON.parse(body); } catch (_) { throw failure('The answer of the device cannot be read.', status); }
}
function refused(answer, body) {       // the device's own sentence, if it has one
  let sentence = '';
  try { sentence = JSON.parse(body).error; } catch (_) { if (!/^\s*</.test(body)) sentence = body.trim(); }
  return failure(text(sentence) || 'The device answers with error ' + answer.status + '.', answer.status);
}

let asking = null;                     // one dialog at a time, whoever wants it
function signIn(kind) {
  asking = asking || load('login').then(login => login.ask(app, kind)).finally(() => { asking = null; });
  return asking;
}
// Whether somebody has logged in, or chosen the first password, after this answer.
async function letIn(status) {
  if (status === 401) return signIn('login');
  if (status !== 403) return false;
  const [answer, body] = await request('api/access', {}, TIMEOUT_MS);
  return answer.ok && parsed(body).lock === 'none' && signIn('choose');
}
async function ask(path, options, asText) {
  for (;;) {
    const [answer, body] = await request(path, options, SLOW_MS);
    if (answer.ok) return asText ? body : body ? parsed(body, answer.status) : {};
    if (!await letIn(answer.status)) throw refused(answer, body);
  }
}

const app = {
  number, watts, amps, kwh, ms, some, ago, duration, prose, known, list, text, h, put, show, attr, rows, lines,
  say, load, signIn, request, parsed, refused, latest: null, since: 0, gone: false,
  // The answer to GET as JSON, or as text. Throws an Error with .message for people and .status.
  get: (path, how) => ask(path, {}, how && how.text),
  // The same for POST; `body`: text as it is, or what becomes JSON. Logs in if that is needed.
  async post(path, body) {
    const plain = typeof body === 'string';
    const answer = await ask(path, {
      method: 'POST', body: plain ? body : JSON.stringify(body || {}),
      headers: {'X-TWC': '1', 'Content-Type': plain ? 'text/plain' : 'application/json'}});
    again = true;                      // what has changed is to be seen at once
    poll();
    return answer;
  },
};

// ---- which view is open ------------------------------------------------------------------
let view = null, open = '', turn = 0;
async function route(first) {
  const asked = location.hash.replace(/^#\/?/, ''), name = VIEWS.includes(asked) ? asked : VIEWS[0];
  if (name === open) return;
  if (view && view.leaves && !await view.leaves()) return history.replaceState(null, '', '#/' + open);
  const mine = ++turn;
  if (view && view.close) view.close();
  view = null;
  open = name;
  const home = name === VIEWS[0];
  document.body.classList.toggle('elsewhere', !home);
  for (const link of document.querySelectorAll('nav a')) {
    attr(link, 'aria-current', link.hash === '#/' + (home ? '' : name) ? 'page' : 'false');
  }
  $('view').hidden = home;
  $('shown').hidden = true;
  const root = home ? $('shown') : document.createElement('section');
  if (!home) {
    put($('view-title'), 'Loading …');
    $('view-root').replaceChildren(root);
    root.setAttribute('aria-labelledby', 'view-title');
  }
  if (first !== true) scrollTo(0, 0);
  try {
    const module = await load(name);
    if (mine !== turn) return;
    put($('view-title'), module.title);
    paint();
    if (!home) $('view-title').focus({preventScroll: true});
    const opened = await module.open(root, app) || {};
    if (mine !== turn) return opened.close && opened.close();
    view = opened;
    paint();
  } catch (error) {
    if (mine !== turn) return;
    console.error(error);
    put($('view-title'), home ? '' : 'Not loaded');
    open = '';
    const sentence = error.status === undefined ? 'This part of the page could not be loaded.' : error.message;
    if (home) return void setTimeout(route, RETRY_MS);
    root.replaceChildren(h('p', {class: 'note warn'}, sentence), h('button', {onclick: route}, 'Try again'));
  }
}

// ---- the frame around it -----------------------------------------------------------------
let lastAt = 0, watchedFrom = Date.now(), fails = 0, trouble = '', version = null, locked = false;

function paint() {
  const s = app.latest, since = s ? Math.max(0, (Date.now() - lastAt) / 1000) : 0;
  // One answer that went missing is no news. Time in which nothing was asked does not count.
  const quiet = Date.now() - Math.max(lastAt, watchedFrom) > QUIET_MS;
  const gone = locked || (s ? fails > 1 || quiet : fails > 0);
  app.since = since;
  app.gone = gone;
  document.body.classList.toggle('old', gone);
  $('live').hidden = !s && !gone;
  $('live').firstElementChild.className = 'dot ' + (gone ? 'bad' : 'go');
  put($('live-text'), !gone ? 'Live' : s ? duration(since) + ' old' : locked ? 'Locked' : 'No answer');
  $('enter').hidden = !locked;
  const where = s ? text(s.name) || 'twc-bridge' : location.host;
  const at = open && open !== VIEWS[0] ? $('view-title').textContent + ' · ' : '';
  if (gone) {
    document.title = (locked ? 'Log in · ' : 'No answer · ') + where;
    show($('state'), locked ? 'Locked' : 'No connection');
    $('state').className = 'pill ' + (locked ? 'warn' : 'bad');
    tell($('reason'), trouble || 'The device does not answer.');
    show($('trouble'), locked ? '' : (s ? 'What you see is ' + duration(since) + ' old. It said: “' + prose(s.reason) + '” '
      : 'Is it switched on, and in the same network as you? ') + 'This page goes on asking by itself.');
  }
  if (!s) return;
  put($('name'), text(s.name) || 'twc-bridge');
  if (!gone) {
    const [word, tone] = STATES[s.state] || [text(s.state), ''];
    show($('state'), word);
    $('state').className = 'pill ' + tone;
    tell($('reason'), prose(s.reason));
    show($('trouble'), '');
    document.title = at + word + (tone === 'go' ? ' ' + amps(s.draw_amps) : '') + ' · ' + text(s.name);
  }
  document.body.classList.toggle('sunny', !gone && !at && (s.surplus || {}).watts > 0 && !s.surplus.lost);
  $('shown').hidden = open !== VIEWS[0] || !view;
  if (view && view.status) view.status(s);
}

// One request at a time; an answer that is missing is asked for again. A hidden tab asks seldom.
let busy = false, again = false, timer = 0;
async function poll() {
  if (busy || locked) return;
  busy = true;
  clearTimeout(timer);
  do {
    again = false;
    try {
      const [answer, body] = await request('api/status', {}, TIMEOUT_MS);
      if (answer.status === 401) { enter(); break; }
      if (!answer.ok) throw failure('The device answers with error ' + answer.status + '.', answer.status);
      const status = parsed(body);
      if (!status || typeof status !== 'object' || !known(status.uptime_s)) throw failure('The answer of the device cannot be read.');
      if (version !== null && version !== status.version) location.reload();   // new firmware brings a new page
      if (version === null && (status.wifi || {}).state !== 'connected') welcome();
      version = status.version;
      app.latest = status;
      [lastAt, fails, trouble] = [Date.now(), 0, ''];
    } catch (error) {
      fails += 1;
      trouble = error.status === 0 ? '' : error.message;
    }
  } while (again);
  busy = false;
  timer = setTimeout(poll, document.hidden ? HIDDEN_MS : fails ? RETRY_MS : POLL_MS);
  paint();
}
async function enter() {               // reading needs the password, too
  locked = true;
  trouble = 'This device wants its password.';
  paint();
  if (!await signIn('login').catch(() => false)) return;
  [locked, trouble, watchedFrom] = [false, '', Date.now()];
  poll();
}
async function welcome() {             // a board that knows no network yet
  const setup = await request('api/setup', {}, TIMEOUT_MS).then(([, body]) => parsed(body)).catch(() => ({}));
  if (setup.new === true && location.hash.length < 3) location.hash = '#/setup';
}
function wake() {
  clearTimeout(timer);
  if (document.hidden) {
    if (!busy) timer = setTimeout(poll, HIDDEN_MS);
    return;
  }
  watchedFrom = Date.now();
  poll();
}
addEventListener('visibilitychange', wake);
addEventListener('online', wake);
addEventListener('pageshow', event => { if (event.persisted) wake(); });
addEventListener('hashchange', route);
$('enter').addEventListener('click', enter);
setInterval(() => { if (!document.hidden) paint(); }, 1000);
poll();
route(true);

export {app};
