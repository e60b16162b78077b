// The first steps of a new board, for somebody who has never seen one.
import {field, password as choose, pause, select, told, who} from './form.js';

export const title = 'Set up';

const STEPS = ['Password', 'Wi-Fi', 'Broker', 'Wires', 'Wall connector', 'Save'];
const PATIENCE_S = 75;                 // joining a network, and the phone finding its way back
const NB = '\u00a0';

export async function open(root, app) {
  const {h, show} = app, config = await app.get('api/config').catch(() => ({}));
  const chosen = {wifi: null, mqtt: null, wires: {...config.wires}, supply: {...config.supply}};
  const count = h('p', {class: 'small'}), dots = h('div', {class: 'steps', 'aria-hidden': 'true'}, STEPS.map(() => h('i')));
  const body = h('div', {class: 'card step'});
  let at = 0, closed = false, heard = null;
  root.append(count, dots, body);

  // ---- what the steps are made of
  function go(step, wrong) {
    at = step;
    heard = null;
    count.textContent = `Step ${step + 1} of ${STEPS.length}: ${STEPS[step]}`;
    [...dots.children].forEach((dot, i) => { dot.className = i < step ? 'done' : i === step ? 'now' : ''; });
    body.replaceChildren(h('p', {class: 'small'}, 'Asking the device …'));
    return [password, wifi, broker, wires, connector, summary][step](wrong).catch(error => {
      page('That did not work', h('p', {class: 'note warn'}, error.message), buttons(button('Try again', () => go(step), true)));
    });
  }
  function page(heading, ...parts) {
    const first = h('h3', {tabindex: -1}, heading);
    body.replaceChildren(first, ...parts.flat().filter(Boolean));
    first.focus({preventScroll: true});
    scrollTo(0, 0);
  }
  const button = (words, onclick, main) => h('button', {type: 'button', class: main ? 'main' : null, onclick}, words);
  const buttons = (...parts) => h('div', {class: 'row'}, parts, at > 0 && button('Back', () => go(at - 1)));
  // A form whose answer may take its time: `work` gets tell(sentence). What it throws is shown at the field
  // that its first word names, else at the first of `places`, else below.
  function form(parts, main, work, places, ...others) {
    const submit = h('button', {class: 'main'}, main), state = h('p', {role: 'status', class: 'small', hidden: true}), wrong = h('p', {class: 'wrong', role: 'alert', hidden: true});
    const el = h('form', {novalidate: true}, parts, state, wrong, buttons(submit, others));
    el.onsubmit = async event => {
      event.preventDefault();
      // Not disabled: that would take the focus away.
      if (submit.ariaBusy === 'true') return;
      submit.ariaBusy = 'true';
      show(wrong, '');
      try {
        await work(words => show(state, words));
      } catch (error) {
        const place = error.place || places && (places[(/^\w+(?=:)/.exec(error.message) || [''])[0]] || Object.values(places)[0]);
        if (place) place.wrong(error.message); else show(wrong, error.message);
      }
      show(state, '');
      submit.ariaBusy = 'false';
    };
    return el;
  }
  const amiss = (sentence, place) => Object.assign(new Error(sentence), {place});
  // Asks for /api/setup until `test` is content. The phone may lose the device meanwhile, and come back.
  async function until(test) {
    const end = Date.now() + PATIENCE_S * 1000;
    while (Date.now() < end && !closed) {
      await pause(1000);
      let now = null;
      try { now = await app.get('api/setup'); } catch (error) { if (error.status) throw error; }
      if (now && test(now)) return now;
    }
    throw new Error('The device has not answered for long. Is your phone still connected to its access point? Connect again and try once more.');
  }

  // ---- 1: who may change something
  async function password() {
    const access = await app.get('api/access'), next = () => go(1);
    if (access.lock === 'set' && !access.in) {
      return page('Welcome back', h('p', null, 'This device has a password.'),
        buttons(button('Log in', async () => { if (await app.signIn('login')) next(); }, true)));
    }
    if (access.lock !== 'none') {
      return page('Welcome', h('p', null, access.lock === 'off' ? 'Everybody in your network may change settings: the lock is off.'
        : 'The password of this page is set.'), buttons(button('Next', next, true)));
    }
    const secret = field(app, 'New password', h('input', {type: 'password', autocomplete: 'new-password', maxlength: 64}),
      '8 characters or more. Whoever knows it may change how your cars charge.');
    page('Choose a password for this page', h('p', null, 'Six short steps, and your cars charge from the sun. First, nobody but you should change anything.'),
      form([who(h), secret.el], 'Next', async () => { await choose(app, secret.input.value); await next(); }, {secret}));
  }

  // ---- 2: the network
  async function wifi(wrong) {
    const setup = await app.get('api/setup'), joined = setup.wifi || {};
    if (joined.state === 'joined' && (chosen.wifi ? chosen.wifi.ssid === joined.ssid : !setup.new)) {
      const other = chosen.wifi && button('Choose another network', () => { chosen.wifi = null; go(1); });
      return page('Wi-Fi works', h('p', {class: 'note go'}, `The device is in the network ${joined.ssid}`
        + (joined.ip ? `, at the address ${joined.ip}.` : '.')), buttons(button('Next', () => go(2), true), other));
    }
    const ssid = field(app, 'Name of the network', h('input', {maxlength: 32, autocapitalize: 'off', autocomplete: 'off', spellcheck: 'false', value: joined.ssid || ''}),
      'As it is written on your router. 2.4 GHz only.');
    const secret = field(app, 'Its password', h('input', {type: 'password', autocomplete: 'off', maxlength: 64}), 'Leave it empty for an open network.');
    const list = h('ul', {class: 'networks', role: 'list'}), looked = h('p', {class: 'small', role: 'status', hidden: true});
    function draw(networks) {
      list.replaceChildren(...networks.map(([name, dbm, locked]) => {
        const pick = button([h('span', null, name), h('span', {class: 'small'}, (locked ? 'password' : 'open') + ', '
          + (dbm >= -60 ? 'strong' : dbm >= -70 ? 'good' : dbm >= -80 ? 'weak' : 'very weak'))], () => {
          ssid.input.value = name;
          for (const each of list.querySelectorAll('button')) each.setAttribute('aria-pressed', each === pick);
          (locked ? secret.input : ssid.input).focus();
        });
        pick.setAttribute('aria-pressed', 'false');
        return h('li', null, pick);
      }));
      show(looked, networks.length ? '' : 'None was found. Is the router on, and near enough?');
    }
    const scan = button('Look for networks', async () => {
      if (scan.ariaBusy === 'true') return;
      scan.ariaBusy = 'true';
      show(looked, 'Looking … your phone may lose the device for some seconds.');
      try {
        await app.post('api/setup/scan', {});
        draw((await until(now => !now.scanning)).networks || []);
      } catch (error) { show(looked, error.message); }
      scan.ariaBusy = 'false';
    });
    if (setup.networks) draw(setup.networks);
    page('Which network is it to join?', joined.state === 'joined' && h('p', {class: 'note'}, `The device is in ${joined.ssid} already. To save that, it needs the password once more.`), h('div', {class: 'row'}, scan), looked, list,
      form([ssid.el, secret.el], 'Try it', async tell => {
        const mine = {ssid: ssid.input.value, password: secret.input.value};
        await app.post('api/setup/wifi', mine);
        tell(`Joining ${mine.ssid} … this takes up to half a minute, and your phone may lose the device meanwhile.`);
        const now = (await until(now => now.wifi.state !== 'trying')).wifi;
        if (now.state !== 'joined') throw amiss(now.why || 'That did not work: try again.', /password/.test(now.why) ? secret : ssid);
        chosen.wifi = mine;
        await go(1);
      }, {ssid, password: secret}));
    if (wrong) ssid.wrong(wrong);
  }

  // ---- 3: the broker
  async function broker(wrong) {
    const given = chosen.mqtt || config.mqtt || {}, input = (value, more) => h('input', {value: value ?? '', autocapitalize: 'off', autocomplete: 'off', spellcheck: 'false', ...more});
    const host = field(app, 'Address', input(given.host), 'An address such as 192.168.1.5, or a name.');
    const port = field(app, 'Port', input(given.port ?? 1883, {inputmode: 'numeric'}));
    const user = field(app, 'User', input(given.user), 'Empty if it asks for none.');
    const secret = field(app, 'Password', h('input', {type: 'password', autocomplete: 'off', value: typeof given.password === 'string' ? given.password : ''}));
    page('Is there an MQTT broker?', h('p', null, 'It brings the readings of your meter or inverter, from Home Assistant, for example. '
      + 'Without one a program can send them to this device directly.'),
    form([h('div', {class: 'pair'}, host.el, port.el), h('div', {class: 'pair'}, user.el, secret.el)], 'Try it', async tell => {
      const mine = {host: host.input.value.trim(), port: told(port.input.value) ?? 1883, user: user.input.value, password: secret.input.value};
      await app.post('api/setup/broker', mine);
      tell(`Connecting to ${mine.host} …`);
      const now = (await until(now => now.broker.state !== 'trying')).broker;
      if (now.state !== 'connected') throw amiss(now.why || 'That did not work: try again.', host);
      chosen.mqtt = mine;
      await go(3);
    }, {host, port, user, password: secret}, button('No broker', () => { chosen.mqtt = false; go(3); })));
    if (wrong) host.wrong(wrong);
  }

  // ---- 4: the wires
  async function wires(wrong) {
    const fuse = field(app, 'Breaker or fuse of this line', h('input', {inputmode: 'numeric', value: chosen.fuse ?? ''}), 'If you know it: then the next number is found for you.', 'A');
    const advice = h('p', {class: 'small', 'aria-live': 'polite'}, 'Charging is a continuous load: plan with 80' + NB + '% of the breaker.');
    const most = field(app, 'All wall connectors together get at most', h('input', {inputmode: 'numeric', value: chosen.wires.max_amps > 6 ? chosen.wires.max_amps : ''}), 'What breaker and wires carry for hours, on each phase. 6 to 240.', 'A');
    const phases = field(app, 'Phases of the wall connectors', select(h, [[1, 'One'], [2, 'Two'], [3, 'Three']], chosen.supply.phases ?? 1));
    const volts = field(app, 'Volts', h('input', {inputmode: 'decimal', value: chosen.supply.volts ?? 240}), 'Between the two wires of one phase: 230 in Europe, 240 or 208 in North America.', 'V');
    fuse.input.addEventListener('input', () => {
      const amps = told(fuse.input.value);
      if (!(amps > 0)) return;
      most.input.value = Math.floor(amps * 0.8);
      advice.textContent = `80${NB}% of ${amps}${NB}A are ${most.input.value}${NB}A. An electrician may allow more for cables made for it.`;
    });
    const whole = (place, low, high) => {
      const value = told(place.input.value);
      if (typeof value === 'number' && value >= low && value <= high) return value;
      throw amiss(`Write a number from ${low} to ${high}.`, place);
    };
    page('How much may flow?', form([fuse.el, advice, most.el, h('div', {class: 'pair'}, phases.el, volts.el)], 'Next', async () => {
      chosen.fuse = fuse.input.value;
      chosen.wires.max_amps = whole(most, 6, 240);
      chosen.supply = {...chosen.supply, phases: Number(phases.input.value), volts: whole(volts, 90, 300)};
      await go(4);
    }));
    if (wrong) (/volts/.test(wrong) ? volts : /phases/.test(wrong) ? phases : most).wrong(wrong);
  }

  // ---- 5: is there somebody on the bus
  async function connector() {
    const list = h('ul', {role: 'list', class: 'heard', 'aria-live': 'polite'}), next = button('Next', () => go(5), true);
    const skip = button('Go on without a wall connector', () => go(5));
    const help = h('div', null, h('p', {class: 'small'}, 'Listening … a wall connector needs up to 30 seconds.'), h('p', null, 'If none appears:'),
      h('ul', {class: 'checks'}, ['Its rotary switch stands at F: then it waits for a master.', 'A and B may be swapped: change the two wires over, nothing breaks.',
        'A resistor of 120 ohm between A and B at both ends of a long line.', 'It has power: its light is on.'].map(words => h('li', null, words))));
    page('Does a wall connector answer?', list, help, buttons(next, skip));
    heard = doc => {
      const there = app.list(doc.connectors).filter(one => one && one.link === 'ok');
      const now = there.map(one => `Wall connector ${one.name && one.name !== one.id ? one.name + ' · ' : ''}${one.id} answers`
        + (one.rating_amps ? `: it takes up to ${one.rating_amps}${NB}A.` : '.'));
      if (list.told !== now.join()) list.replaceChildren(...now.map(words => h('li', {class: 'note go'}, words)));
      list.told = now.join();
      help.hidden = skip.hidden = now.length > 0;
      next.hidden = !now.length;
      chosen.heard = there.map(one => one.name || one.id).join(', ');
    };
    heard(app.latest || {});
  }

  // ---- 6: all of it
  async function summary() {
    const dl = h('dl', {class: 'told'}), access = await app.get('api/access'), setup = await app.get('api/setup');
    const net = chosen.wifi ? chosen.wifi.ssid : (config.wifi || {}).ssid, mqtt = chosen.mqtt === null ? config.mqtt || {} : chosen.mqtt || {};
    app.rows(dl, [['Password', access.lock === 'off' ? 'none: the lock is off' : 'set'], ['Wi-Fi', net || 'none'],
      ['Broker', mqtt.host ? mqtt.host + ':' + (mqtt.port || 1883) : 'none'],
      ['All together', app.amps(chosen.wires.max_amps)], ['Supply', `${chosen.supply.phases} × ${chosen.supply.volts}${NB}V`],
      ['Wall connector', chosen.heard || 'none yet']]);
    page('Is this right?', dl, form(null, 'Save and start', async tell => {
      const change = {wires: {max_amps: chosen.wires.max_amps}, supply: {phases: chosen.supply.phases, volts: chosen.supply.volts}, restart: true};
      if (chosen.wifi) change.wifi = chosen.wifi;
      if (chosen.mqtt) change.mqtt = chosen.mqtt;
      else if (chosen.mqtt === false && (config.mqtt || {}).host) change.mqtt = {host: null};
      const before = app.latest ? app.latest.uptime_s : 0;
      tell('Saving …');
      try {
        await app.post('api/config', change);
      } catch (error) {
        const step = /wifi\./.test(error.message) ? 1 : /mqtt\./.test(error.message) ? 2 : /wires\.|supply\./.test(error.message) ? 3 : 5;
        if (step === 5) throw error;
        if (step === 1) chosen.wifi = null;
        return go(step, error.message);
      }
      await done(net, setup, before);
    }));
  }

  async function done(net, setup, before) {
    const name = (config.wifi || {}).hostname || 'twc-bridge', ip = (setup.wifi || {}).ip || (app.latest && app.latest.wifi || {}).ip;
    count.textContent = 'Done';
    for (const dot of dots.children) dot.className = 'done';
    const link = address => h('a', {href: address}, address);
    const state = h('p', {class: 'small', role: 'status'}, 'The device starts anew …');
    page('Saved', net && h('p', null, 'Connect your phone to ', h('b', null, net), ' again and open ',
      ip && [link(`http://${ip}/`), ' or '].flat(), link(`http://${name}.local/`), '. There you log in with the password of the first step.'), state);
    // Where the device is reachable again at this address, its overview opens by itself.
    const end = Date.now() + 120000;
    while (!closed && Date.now() < end) {
      await pause(1000);
      if (app.latest && app.latest.uptime_s < before) { location.hash = '#/'; return; }
    }
    show(state, '');
  }

  await go(0);
  return {status(doc) { if (heard) heard(doc); }, close() { closed = true; }};
}
