// What the forms of the views share: fields with label, hint and error, questions, saving.
if (!document.querySelector('link[href$="views.css"]')) {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = 'views.css';
  await new Promise(done => { link.onload = link.onerror = done; document.head.append(link); });
}

let count = 0;

export const pause = ms => new Promise(done => setTimeout(done, ms));

// A field: {el, input, wrong(sentence or '')}. `hint` and `unit` may be missing.
export function field({h, show}, label, input, hint, unit) {
  const id = 'f' + ++count, told = h('p', {class: 'wrong', id: id + 'e', hidden: true});
  input.id = id;
  input.setAttribute('aria-describedby', id + 'h ' + id + 'e');
  const more = input.type === 'password' ? showing(h, input) : unit ? h('span', {class: 'unit'}, unit) : '';
  const el = h('div', {class: 'field'}, input.type === 'checkbox' ? h('label', {class: 'switch'}, input, h('i'), h('span', null, label))
    : [h('label', {for: id}, label), more ? h('div', {class: 'beside'}, input, more) : input],
    hint && h('p', {class: 'small', id: id + 'h'}, hint), told);
  const wrong = sentence => {
    show(told, sentence);
    input.ariaInvalid = sentence ? 'true' : null;
    if (sentence) {
      for (let up = el; (up = up.parentElement.closest('details'));) up.open = true;
      input.focus();
    }
  };
  input.addEventListener('input', () => wrong(''));
  return {el, input, wrong};
}

function showing(h, input) {
  return h('button', {type: 'button', 'aria-pressed': 'false', onclick(event) {
    const open = input.type === 'password';
    input.type = open ? 'text' : 'password';
    event.target.setAttribute('aria-pressed', open);
  }}, 'Show');
}

// A list to choose from; `options`: [value, words]; values are told as text.
export function select(h, options, chosen) {
  const el = h('select', null, options.map(([value, words]) => Object.assign(h('option', null, words), {value})));
  el.value = chosen;
  return el;
}

// A number as a person writes it, or the text if it is none: then the device says what it wants.
export function told(words) {
  const text = words.trim(), number = Number(text.replace(',', '.'));
  return text === '' ? null : isNaN(number) ? text : number;
}

// What config.json says.
export async function configuration(app) {
  const config = await app.get('api/config');
  if (config.error) throw Object.assign(new Error(config.error), {status: 0});
  return config;
}

// Sets the first password, or another one; a wrong old one must not open the dialog that asks for it.
export async function password(app, password, old) {
  const [answer, body] = await app.request('api/password', {
    method: 'POST', body: JSON.stringify({password, old}), headers: {'X-TWC': '1', 'Content-Type': 'application/json'}}, 30000);
  if (!answer.ok) throw app.refused(answer, body);
}
// Password managers want a name to keep it under.
export const who = h => h('input', {type: 'text', autocomplete: 'username', value: 'twc-bridge', hidden: true});

// Asks before something is done; true if the person wants it.
export function ask(app, question, yes, no = 'Cancel') {
  const {h} = app;
  return new Promise(done => {
    const box = h('dialog', {'aria-labelledby': 'question'}, h('p', {id: 'question'}, question),
      h('form', {method: 'dialog', class: 'row'},
        h('button', {value: ''}, no), h('button', {value: 'yes', class: 'main'}, yes)));
    box.onclose = () => { box.remove(); done(box.returnValue === 'yes'); };
    document.body.append(box);
    box.showModal();
  });
}

// Waits until the device has started anew: true, or false after a minute and a half.
export async function back(app, before) {
  for (let tries = 0; tries < 90; tries++) {
    await pause(1000);
    if (app.latest && app.latest.uptime_s < before) return true;
  }
  return false;
}

// The bar with "Save": collect() gives what is posted to api/config (null: nothing is changed),
// places is a Map of keys in the device's sentences and their fields, saved() is called when all is saved.
export function saving(app, collect, places, saved) {
  const {h, put} = app, words = h('p', {role: 'status'}), main = h('button', {type: 'button', class: 'main', onclick: () => save(true)}, 'Save and restart');
  const only = h('button', {type: 'button', onclick: () => save(false)}, 'Save');
  const el = h('div', {class: 'saving', hidden: true}, words, h('div', {class: 'row'}, only, main));
  let busy = false, gone = false, asking = false;
  const changed = () => !gone && collect() !== null;
  const look = () => {
    if (busy || gone) return;
    el.hidden = !changed();
    if (!el.hidden) put(words, 'Changes that are not saved.');
  };
  async function save(restart) {
    const change = collect();
    if (busy || !change) return;
    busy = true;
    only.disabled = main.disabled = true;
    try {
      const before = app.latest ? app.latest.uptime_s : 0;
      await app.post('api/config', restart ? {...change, restart: true} : change);
      saved();
      el.hidden = true;
      app.say(restart ? 'Saved. The device starts anew …' : 'Saved. It counts from the next start on.', 'ok');
      if (restart) app.say(...await back(app, before) ? ['Saved, and running again.', 'ok'] : ['Saved, but the device has not come back yet.', 'bad']);
    } catch (error) {
      app.say(error.message, 'bad');
      put(words, error.message);
      let best = '';
      for (const key of places.keys()) if (error.message.includes(key) && key.length > best.length) best = key;
      if (best) places.get(best).wrong(error.message);
    }
    busy = only.disabled = main.disabled = false;
    if (!collect()) el.hidden = true;
  }
  // Whoever leaves with changes is asked; page.js asks us first.
  async function leaves() {
    if (asking || !changed()) return !asking;
    asking = true;
    gone = await ask(app, 'What you changed here is not saved.', 'Leave without saving', 'Stay');
    asking = false;
    return gone;
  }
  const unload = event => { if (changed()) event.preventDefault(); };
  addEventListener('beforeunload', unload);
  return {el, look, save, leaves, close: () => removeEventListener('beforeunload', unload)};
}
