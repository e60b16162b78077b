// The device itself: how it is, a new start, its sessions as a file, and who may change something.
import {ask, back, field, password, who} from './form.js';

export const title = 'Device';

const NB = '\u00a0';

export async function open(root, app) {
  const {h, number, put, show, rows} = app;
  const dl = h('dl', {class: 'told'}), versions = h('dl', {class: 'told'}), wrong = h('p', {class: 'wrong', role: 'alert', hidden: true});
  const file = h('input', {type: 'file', accept: '.tar', 'aria-label': 'Release file'}), bad = h('p', {class: 'wrong', role: 'alert', hidden: true});
  const update = h('button', {type: 'button', disabled: true}, 'Update'), bar = h('progress', {hidden: true, 'aria-label': 'Sent'});
  const restart = h('button', {type: 'button'}, 'Restart'), access = h('div', {class: 'card'});
  root.append(h('div', {class: 'halves'},
    h('div', {class: 'card'}, h('h3', {}, 'Now'), dl),
    h('div', {class: 'card'}, h('h3', {}, 'Version'), versions,
      h('p', {class: 'small'}, 'To update: choose a release file (make release). The configuration stays, and the version before comes back '
        + 'if the new one does not run. By cable: make deploy.'), h('p', {}, file), bad, h('p', {class: 'row'}, update, bar)),
    access,
    h('div', {class: 'card'}, h('h3', {}, 'Sessions'), h('p', {class: 'small'}, 'What was charged, when and with how much sun, a line for each session: '
      + 'for a spreadsheet.'), h('p', {}, h('a', {href: 'api/sessions', download: 'sessions.csv', class: 'button'}, 'Download sessions'))),
    h('div', {class: 'card'}, h('h3', {}, 'New start'), h('p', {class: 'small'}, 'Wi-Fi, broker and page are away for some seconds. '
      + 'Wall connectors stop for as long as they miss us.'), wrong, h('p', {class: 'row'}, restart, h('a', {href: '#/setup', class: 'button'}, 'Set up step by step')))));

  restart.onclick = async () => {
    show(wrong, '');
    if (!await ask(app, 'Restart the device? Charging may pause for some minutes.', 'Restart')) return;
    restart.disabled = true;
    const before = app.latest ? app.latest.uptime_s : 0;
    try {
      await app.post('api/restart', '');
      put(restart, 'Restarting …');
      const is = await back(app, before);
      app.say(is ? 'It runs again.' : 'It has not come back yet.', is ? 'ok' : 'bad');
    } catch (error) { show(wrong, error.message); }
    put(restart, 'Restart');
    restart.disabled = false;
  };

  file.onchange = () => { update.disabled = !file.files[0]; };
  update.onclick = async () => {
    show(bad, '');
    if (!await ask(app, 'Send this release to the device, and start it anew?', 'Update')) return;
    const before = app.latest ? app.latest.uptime_s : 0;
    update.disabled = true;
    try {
      // An empty one is always wrong, but who may not do it hears of that first.
      await app.post('api/update', '').catch(error => { if (error.status !== 400) throw error; });
      bar.hidden = false;
      await new Promise((done, fail) => {
        const sent = new XMLHttpRequest();
        sent.open('POST', 'api/update');
        sent.setRequestHeader('X-TWC', '1');
        sent.upload.onprogress = event => { bar.value = event.loaded / event.total; };
        sent.onload = () => sent.status === 200 ? done() : fail(app.refused(sent, sent.responseText));
        sent.onerror = () => fail(new Error('The upload broke off: the device stays as it is.'));
        sent.send(file.files[0]);
      });
      const is = await back(app, before);
      app.say(is ? 'It runs again.' : 'It has not come back yet.', is ? 'ok' : 'bad');
    } catch (error) { show(bad, error.message); }
    bar.hidden = true;
    update.disabled = false;
  };

  // ---- who may change something
  async function lock() {
    let now;
    try { now = await app.get('api/access'); } catch (error) { access.replaceChildren(h('h3', {}, 'Access'), h('p', {class: 'wrong'}, error.message)); return; }
    const parts = [h('h3', {tabindex: -1}, 'Access')], small = words => h('p', {class: 'small'}, words);
    if (now.lock === 'off') parts.push(h('p', {class: 'note warn'}, 'Everybody in this network may change everything here (web.lock is off).'));
    else {
      const first = now.lock === 'none';
      if (first) parts.push(h('p', {class: 'note warn'}, 'No password yet: nothing can be changed here until there is one.'));
      else if (now.read === 'open') parts.push(small('Everybody in this network may look; changing needs the password.'));
      parts.push(change(first), ...first ? [] : token(now.token));
      if (now.in) parts.push(h('p', {}, action('Log out', 'api/logout', {}, 'Logged out.')));
    }
    access.replaceChildren(...parts);
  }

  function action(words, path, body, done) {
    const button = h('button', {type: 'button'}, words);
    button.onclick = async () => {
      button.disabled = true;
      try {
        const answer = await app.post(path, body);
        app.say(done, 'ok');
        await lock();
        if (answer && answer.token) shown(answer.token);
        access.firstChild.focus();
      } catch (error) { app.say(error.message, 'bad'); }
      button.disabled = false;
    };
    return button;
  }

  function change(first) {
    const input = auto => h('input', {type: 'password', autocomplete: auto, maxlength: 64});
    const old = field(app, 'Password so far', input('current-password'));
    const next = field(app, first ? 'Password' : 'New password', input('new-password'), '8 to 64 characters');
    const form = h('form', {novalidate: true}, who(h), !first && old.el, next.el,
      h('div', {class: 'row'}, h('button', {class: 'main'}, first ? 'Set the password' : 'Change the password')));
    form.onsubmit = async event => {
      event.preventDefault();
      const button = form.querySelector('.main');
      button.disabled = true;
      try {
        await password(app, next.input.value, first ? undefined : old.input.value);
        app.say(first ? 'The password is set.' : 'The password is changed.', 'ok');
        await lock();
        access.firstChild.focus();
      } catch (error) { (first || error.status === 400 ? next : old).wrong(error.message); }
      button.disabled = false;
    };
    return first ? form : h('details', {}, h('summary', {}, 'Change the password'), form);
  }

  function token(there) {
    return [h('details', {}, h('summary', {}, 'Access token for scripts'),
      h('p', {class: 'small'}, there ? 'There is one. A new one replaces it.' : 'A program sends it in place of the password: Authorization: Bearer …'),
      h('div', {class: 'row'}, action(there ? 'Make a new one' : 'Make one', 'api/token', {}, 'A new token is made.'),
        there ? action('Remove it', 'api/token', {remove: true}, 'The token is removed.') : ''))];
  }

  function shown(text) {
    const details = [...access.querySelectorAll('details')].pop();
    details.open = true;
    details.append(h('p', {class: 'note'}, 'Copy it now: it is not shown again.'), h('pre', {class: 'token', tabindex: 0}, text));
  }

  const both = (...parts) => parts.filter(Boolean).join(' · ');
  function status(doc) {
    const memory = doc.memory || {}, wifi = doc.wifi || {}, mqtt = doc.mqtt || {}, dbm = wifi.rssi;
    const strength = dbm >= -60 ? 'strong' : dbm >= -70 ? 'good' : dbm >= -80 ? 'weak' : 'very weak';
    rows(dl, [['Name', doc.name], ['Running for', app.duration(doc.uptime_s), doc.restarted],
      ['Memory', number(memory.free / 1000) + NB + 'kB free', 'of ' + number((memory.free + memory.used) / 1000) + NB + 'kB', memory.free < 4000],
      ['Wi-Fi', wifi.state, both(wifi.ssid, wifi.ip), wifi.state !== 'connected'],
      ['Signal', dbm < 0 ? number(dbm) + NB + 'dBm' : '', both(strength, wifi.channel && 'channel ' + wifi.channel), dbm < -80],
      ['Broker', mqtt.state, both(mqtt.broker, mqtt.note), mqtt.state !== 'connected']]);
    const newer = doc.latest && doc.latest !== doc.version;
    rows(versions, [['Runs', doc.version], ['Update', doc.update, '', true], ['Newest known', doc.latest || 'not told', newer ? 'there is something new' : '', newer]]);
  }
  if (app.latest) status(app.latest);
  await lock();
  return {status, close() {}};
}
