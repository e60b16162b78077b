// What can be set on the overview: mode, Manual's amperes, boost, limits, who may charge. What is
// shown as set is what the device says; a wish is shown as pending until it does.

const SETTLE_MS = 4000;                // how long the device may take to say what it was told
const MOST_MANUAL_AMPS = 80;
const NOTES = {
  off: 'Nothing charges.',
  solar: 'Charges with what the sun leaves over.',
  minimum: 'Always the minimum current, and more with the sun.',
  fast: 'All that wires and limits allow, until the cars are unplugged.',
  manual: 'Exactly this current, with or without sun.'};
const $ = id => document.getElementById(id);

// A slider that tells the device where it was left, and follows the device otherwise. `send`
// gets the amperes. Returns paint(amperes, most, label of the value).
function slider(app, input, output, send) {
  let touched = false, wanted = null, until = 0, timer = 0;
  const words = () => app.put(output, app.amps(+input.value));
  const post = async () => {
    const value = +input.value;
    wanted = value;
    until = Infinity;
    const done = await send(value);
    if (wanted !== value) return;      // moved on meanwhile
    touched = false;
    if (done) until = Date.now() + SETTLE_MS;
    else wanted = null;
  };
  input.addEventListener('input', () => { touched = true; words(); });
  input.addEventListener('change', () => { clearTimeout(timer); timer = setTimeout(post, 350); });
  return (value, most) => {
    input.parentElement.hidden = !app.known(value) || !app.known(most);
    if (input.parentElement.hidden) return;
    input.disabled = false;
    if (+input.max !== most) input.max = most;
    if (wanted !== null && (value === wanted || Date.now() > until)) wanted = null;
    if (touched || wanted !== null) return;
    if (+input.value !== value) input.value = value;
    words();
  };
}

export function start(app) {
  const modes = [...$('modes').children];
  let asked = null, askedUntil = 0, wantsAmps = false;

  // Carries a wish out; whether the device did. What it says against it stands in `place`.
  async function tell(path, body, place) {
    try {
      await app.post('api/' + path, body);
      app.show(place || $('refused'), '');
      return true;
    } catch (error) {
      const at = place || $('refused');
      app.show(at, app.prose(error.message));
      at.scrollIntoView({block: 'nearest'});
      return false;
    }
  }
  async function busy(button, work) {
    if (button.ariaBusy === 'true') return;
    button.ariaBusy = 'true';
    try { return await work(); } finally { button.ariaBusy = 'false'; }
  }
  const repaint = () => app.latest && paint(app.latest);

  // ---- mode ------------------------------------------------------------------------------
  async function choose(mode, body) {
    asked = mode;
    askedUntil = Infinity;
    repaint();
    const done = await tell('mode', body || mode);
    if (asked === mode) [asked, askedUntil] = done ? [mode, Date.now() + SETTLE_MS] : [null, 0];
    if (done) wantsAmps = false;
    repaint();
  }
  modes.forEach((button, at) => {
    button.disabled = false;
    button.addEventListener('click', () => {
      wantsAmps = button.dataset.mode === 'manual';
      if (!wantsAmps) return choose(button.dataset.mode);
      repaint();
      $('manual-slide').focus();
    });
    // Arrows move the focus only: on the way from Off to Solar nothing may start.
    button.addEventListener('keydown', event => {
      const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
      if (!step) return;
      event.preventDefault();
      const next = modes[(at + step + modes.length) % modes.length];
      for (const each of modes) each.tabIndex = each === next ? 0 : -1;
      next.focus();
    });
  });

  // ---- Manual ----------------------------------------------------------------------------
  const slide = $('manual-slide'), field = $('manual-amps');
  let typed = false;
  const manualWords = () => app.put($('manual-now'), app.amps(+slide.value));
  slide.addEventListener('input', () => { typed = true; field.value = slide.value; manualWords(); });
  field.addEventListener('input', () => { typed = true; slide.value = field.value || 0; manualWords(); });
  $('manual').addEventListener('submit', event => {
    event.preventDefault();
    busy($('manual').querySelector('button'), async () => {
      await choose('manual', {mode: 'manual', amps: +field.value, seconds: $('manual-for').value * 3600});
      typed = false;
    });
  });
  function paintManual(s, mode) {
    const most = Math.min(MOST_MANUAL_AMPS, app.known(s.wires_amps) ? s.wires_amps : MOST_MANUAL_AMPS);
    const was = $('manual').hidden;
    $('manual').hidden = !wantsAmps && mode !== 'manual';
    slide.max = field.max = most;
    if (typed || $('manual').contains(document.activeElement) && !was) return;
    const value = app.known(s.manual_amps) ? s.manual_amps : Math.min(16, most);
    if (was || app.known(s.manual_amps)) field.value = slide.value = value;
    manualWords();
  }

  // ---- boost -----------------------------------------------------------------------------
  const ends = () => $('boost-form').elements.ends.value;
  $('boost-form').addEventListener('change', () => {
    for (const part of $('boost-form').querySelectorAll('[data-ends]')) {
      part.hidden = part.dataset.ends !== ends();
      for (const input of part.querySelectorAll('input')) input.disabled = part.hidden;
    }
  });
  $('boost-form').addEventListener('submit', event => {
    event.preventDefault();
    const kind = ends();
    const body = kind === 'h' ? $('boost-h').value + ' h' : kind === 'kwh' ? $('boost-kwh').value + ' kWh'
      : kind === 'time' ? {until: $('boost-time').value.slice(0, 5)} : 'unplugged';
    busy(event.submitter || $('boost-form').querySelector('button'), async () => {
      if (await tell('boost', body)) $('boost').open = false;
    });
  });
  $('boost-stop').addEventListener('click', () => busy($('boost-stop'), () => tell('boost', 'off')));
  $('allow-all').addEventListener('click', () => busy($('allow-all'), () => tell('allow', 'on')));

  // ---- limits ----------------------------------------------------------------------------
  // At its end a slider means that there is no limit: then a higher maximum counts at once.
  const limited = (input, path, place) => value => tell(path, value >= +input.max ? 'none' : String(value), place);
  const paintLimit = slider(app, $('limit'), $('limit-now'), limited($('limit'), 'limit'));

  // The controls on a card; `f`: its named parts. Returns paint(connector).
  function own(id, f) {
    const path = encodeURIComponent(id), paintOwn = slider(app, f.limit, f['limit-now'], limited(f.limit, path + '/limit', f.refused));
    let until = 0;
    f.limit.id = 'limit-' + id;
    f['limit-label'].htmlFor = f['limit-now'].htmlFor = f.limit.id;
    f.allow.addEventListener('change', async () => {
      until = Infinity;
      const done = await tell(path + '/allow', f.allow.checked ? 'on' : 'off', f.refused);
      until = done ? Date.now() + SETTLE_MS : 0;
      repaint();
    });
    return c => {
      f.own.hidden = false;
      if (f.allow.checked === (c.allowed !== false)) until = Math.min(until, Date.now());
      if (Date.now() >= until) f.allow.checked = c.allowed !== false;
      app.put(f['limit-whose'], ' of ' + app.text(c.name || id));
      app.put(f['allowed-whose'], ' for ' + app.text(c.name || id));
      paintOwn(c.limit_amps, c.max_amps);
    };
  }

  function paint(s) {
    if (asked && (s.mode === asked && askedUntil !== Infinity || Date.now() > askedUntil)) asked = null;
    const first = modes.find(each => each.tabIndex === 0 && each === document.activeElement)
      || modes.find(each => each.dataset.mode === s.mode) || modes[0];
    for (const button of modes) {
      const mode = button.dataset.mode;
      app.attr(button, 'aria-checked', String(mode === s.mode));
      app.attr(button, 'aria-busy', String(mode === asked));
      button.classList.toggle('open', wantsAmps && mode === 'manual');
      button.tabIndex = button === first ? 0 : -1;
    }
    const wish = app.list(s.wishes).find(each => each.owner === 'mode' && each.mode === s.mode && app.known(each.left_s));
    app.show($('mode-note'), (NOTES[wantsAmps ? 'manual' : s.mode] || '') + (wish ? ' For ' + app.duration(wish.left_s) + ' more.' : ''));
    $('forbidden').hidden = s.allowed !== false;
    paintManual(s, s.mode);
    paintLimit(s.limit_amps, s.wires_amps);
    const boosts = app.text(s.boost) && s.boost !== 'off';
    app.put($('boost-now'), boosts ? app.prose(s.boost) : '');
    $('boosting').hidden = !boosts;
    $('boost').hidden = !!boosts;
  }
  return {paint, own};
}
