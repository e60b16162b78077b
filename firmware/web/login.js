// The password: asked for when the device wants it, chosen when it has none yet.

const KINDS = {
  login: ['Log in', 'This device wants its password before anything is changed.', 'Log in'],
  choose: ['Choose a password', 'From now on it is needed to change anything here. It is kept on this device, and cannot be read out again.', 'Set password'],
};
const LEAST = 8, MOST = 64;

// Opens the dialog: 'login' or 'choose'. Whether that worked; false if it was closed.
export function ask(app, kind) {
  const {h} = app, [title, why, word] = KINDS[kind], fresh = kind === 'choose';
  const field = (label, name, complete) => {
    const input = h('input', {id: name, type: 'password', autocomplete: complete, required: true, maxlength: MOST, 'aria-describedby': 'login-wrong'});
    return [input, h('label', {for: name}, label, input)];
  };
  const [password, first] = field('Password', 'login-password', fresh ? 'new-password' : 'current-password');
  const [again, second] = field('The same again', 'login-again', 'new-password');
  const seen = h('input', {type: 'checkbox', onchange: () => { password.type = again.type = seen.checked ? 'text' : 'password'; }});
  const wrong = h('p', {class: 'note bad', id: 'login-wrong', role: 'alert', hidden: true});
  const go = h('button', {class: 'main'}, word), leave = h('button', {type: 'button', onclick: () => dialog.close()}, 'Cancel');
  const form = h('form', {}, h('h2', {id: 'login-title'}, title), h('p', {class: 'small'}, why),
    // Password managers want a name to keep it under.
    h('input', {type: 'text', autocomplete: 'username', value: 'twc-bridge', hidden: true}),
    first, fresh && second, fresh && h('p', {class: 'small'}, `${LEAST} to ${MOST} characters.`),
    h('label', {class: 'tick'}, seen, 'Show'), wrong, h('div', {class: 'row'}, go, leave));
  const dialog = h('dialog', {'aria-labelledby': 'login-title', id: 'login'}, form);
  let inside = false;

  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (go.ariaBusy === 'true') return;
    const bytes = new TextEncoder().encode(password.value).length;
    const problem = !fresh ? '' : bytes < LEAST || bytes > MOST ? `Take ${LEAST} to ${MOST} characters.`
      : password.value !== again.value ? 'The two are not the same.' : '';
    if (problem) return app.show(wrong, problem);
    go.ariaBusy = 'true';
    try {
      const [answer, body] = await app.request(fresh ? 'api/password' : 'api/login', {
        method: 'POST', body: JSON.stringify({password: password.value}),
        headers: {'X-TWC': '1', 'Content-Type': 'application/json'}}, 30000);
      if (!answer.ok) throw app.refused(answer, body);
      inside = true;
      dialog.close();
    } catch (error) {
      app.show(wrong, error.message);
      password.select();
    }
    go.ariaBusy = 'false';
  });
  return new Promise(done => {
    dialog.addEventListener('close', () => { dialog.remove(); done(inside); });
    document.body.append(dialog);
    dialog.showModal();
    password.focus();
  });
}
