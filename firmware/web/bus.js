// The bus: how healthy it is, what each wall connector says, and the recording.
import './form.js';

export const title = 'Bus';

const NB = '\u00a0';
const LINKS = {ok: ['answers', 'go'], new: ['links', 'warn'], silent: ['silent', 'warn'], lost: ['lost', 'bad']};

export async function open(root, app) {
  const {h, number, known, text, show, rows, some, ms, amps} = app, cards = new Map();
  const count = value => some(value, number);
  const note = h('p', {class: 'note warn', id: 'bus-note', hidden: true}), dl = h('dl', {id: 'bus-facts'});
  const empty = h('p', {class: 'small'}, 'The device says nothing about the bus.');
  const list = h('ul', {class: 'cards', role: 'list'});
  const kept = h('p', {id: 'bus-kept', class: 'small'});
  const recording = h('div', {class: 'card'}, h('h3', {}, 'Recording'), kept,
    h('p', {}, h('a', {href: 'api/frames', download: 'frames.txt', class: 'button'}, 'Download recording')));
  const relink = h('button', {type: 'button'}, 'Link again');
  relink.onclick = async () => {
    relink.disabled = true;
    try {
      await app.post('api/relink', '');
      app.say('All wall connectors are asked to link again.', 'ok');
    } catch (error) { app.say(error.message, 'bad'); }
    relink.disabled = false;
  };
  root.append(note, h('div', {class: 'card health'}, h('h3', {}, 'Wiring check'), empty, dl), h('h3', {}, 'Wall connectors'), list,
    h('div', {class: 'halves'}, recording, h('div', {class: 'card'}, h('h3', {}, 'Link'),
      h('p', {class: 'small'}, 'Asks all wall connectors to link again, as after a new start. Those that charge go on.'), h('p', {}, relink))));

  function health(bus, connectors) {
    const second = bus.second_master, bad = count(bus.bad), rate = some(bus.rate, value => number(value, 1));
    const share = bus.bad > 0 ? bus.bad / (bus.bad + (bus.frames || 0)) * 100 : 0;
    const fault = (term, value, hint) => [term, count(value), value > 0 && hint, value > 0];
    const any = rows(dl, [
      ['Frames heard', rate ? rate + ' a second' : count(bus.frames), rate && some(bus.frames, value => number(value) + ' in all')],
      ['Bad frames', bad, share > 0 && (share < 0.1 ? 'below 0.1' : number(share, 1)) + NB + '%', share >= 1],
      fault('Own echoes', bus.echoes, 'the adapter echoes, or the driver-enable pin is wrong'),
      fault('Sent into noise', bus.noisy, 'the line did not fall quiet'),
      fault('7C' + NB + '00', bus.short, 'a unit’s “too fast”, perhaps: it is asked less'),
      ['Second master', second === null ? 'none' : text(second), second && 'set its rotary switch to F', second],
      ['Reply times', connectors.filter(c => known(c.reply_ms)).map(c => text(c.name || c.id) + ' ' + ms(c.reply_ms)).join(', ')],
      ['Longest gap', some(bus.gap_max_ms, ms), 'between heartbeats' + (bus.gap_cause ? ', cause: ' + bus.gap_cause : '')],
      ['Gaps over 1.3' + NB + 's', count(bus.gaps), '', bus.gaps > 0],
      ['Longest stall', some(bus.late_max_ms, ms), 'of the program'],
      ['Questions', count(bus.asked), some(bus.answered, value => number(value) + ' answered')],
      ['Sent', count(bus.sent), some(bus.refused, value => number(value) + ' held back by the limits')]]);
    empty.hidden = any;
  }

  function card() {
    const name = h('h3', {}), link = h('span', {class: 'pill'}), dl = h('dl', {class: 'told'});
    const el = h('li', {class: 'card'}, h('div', {class: 'top'}, name, link), dl);
    return {el, paint(c) {
      const [words, tone] = LINKS[c.link] || [text(c.link), ''];
      name.textContent = c.name && c.name !== c.id ? c.name + ' · ' + c.id : 'Connector ' + c.id;
      show(link, words);
      link.className = 'pill ' + tone;
      rows(dl, [
        ['Heard', some(c.heard_s, app.ago)],
        ['Reply time', some(c.reply_ms, ms)],
        ['Heartbeats', some(c.missed, value => number(value) + ' missed')],
        ['Unit takes', some(c.rating_amps, amps)],
        ['Confirms', some(c.echo_amps, amps)],
        ['Counts with', some(c.claim_amps, amps)],
        ['Protocol', text(c.protocol)],
        ['Contactors', text(c.contactors), '', c.contactors === 'open'],
        ['Serial number', text(c.serial)],
        ['Firmware', text(c.firmware)],
        ['VIN', c.vin === '' ? 'unknown to the unit' : text(c.vin)]]);
    }};
  }

  function status(doc) {
    const bus = doc.bus || {}, connectors = app.list(doc.connectors).filter(Boolean);
    show(note, app.prose(bus.note));
    health(bus, connectors);
    const ids = connectors.map(c => text(c.id));
    for (const [id, {el}] of cards) if (!ids.includes(id)) { el.remove(); cards.delete(id); }
    connectors.forEach((c, i) => {
      if (!cards.has(ids[i])) cards.set(ids[i], card());
      const {el, paint} = cards.get(ids[i]);
      if (list.children[i] !== el) list.insertBefore(el, list.children[i] || null);
      paint(c);
    });
    list.hidden = !ids.length;
    list.previousSibling.textContent = ids.length ? 'Wall connectors' : 'No wall connector has answered yet';
    recording.hidden = !(bus.recording > 0);
    kept.textContent = 'The last frames, at most ' + number(bus.recording) + ', as text, one a line: the second, '
      + '> sent, < heard, ! heard but broken or = our own echo, and its bytes.';
  }
  if (app.latest) status(app.latest);
  return {status, close() {}};
}
