// The last events, those that the flash has kept as well.
export const title = 'Journal';

export async function open(root, app) {
  const {h, prose} = app, {start, events} = await app.get('api/journal');
  root.append(h('ul', {class: 'events card', role: 'list'}, ...events.reverse().map(e => h('li', {},
    h('span', {class: 'small'}, e.time ? new Date(e.time).toLocaleString() : app.duration(e.uptime_s) + ' after start ' + (e.start === start ? 'now' : e.start)),
    h('span', {}, e.level !== 'info' && h('span', {class: 'tell ' + (e.level === 'error' ? 'bad' : 'warn')}, e.level), prose(e.text))))));
}
